package faults

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/vodstack/vodstack/test/clips"
)

// eventsInDisorder holds the events of uploads back, of which half are two
// versions of one key, and lets them in doubled, in a random order.
func eventsInDisorder(tr *trial) error {
	const videos = 6
	mapping, queue, err := tr.mappingOf("UploadsQueue")
	if err != nil {
		return err
	}
	if err := tr.enable(mapping, false); err != nil {
		return err
	}
	events := videos
	for i := range videos {
		v, err := tr.send(clips.Second)
		if err != nil {
			return err
		}
		if i%2 == 0 {
			continue
		}
		if _, err := tr.house.stack.Upload(tr.ctx, v.key, filepath.Join(tr.house.clips.Dir, clips.Second.File)); err != nil {
			return fmt.Errorf("upload a second version: %w", err)
		}
		v.more++
		events++
	}
	bodies, err := tr.takeAll(queue, events)
	if err != nil {
		return err
	}
	bodies = append(bodies, bodies...)
	tr.random.Shuffle(len(bodies), func(i, j int) { bodies[i], bodies[j] = bodies[j], bodies[i] })
	if err := tr.enable(mapping, true); err != nil {
		return err
	}
	for _, body := range bodies {
		if err := tr.sendMessage(queue, body); err != nil {
			return err
		}
		tr.pause(tr.moment(200 * time.Millisecond))
	}
	tr.healed = time.Now()
	tr.note("%d events, each twice, shuffled", events)
	return nil
}

// mappingOf is the event source mapping of a queue, and the queue's URL.
func (tr *trial) mappingOf(logical string) (uuid, url string, err error) {
	if url, err = tr.house.stack.Resource(tr.ctx, logical); err != nil {
		return "", "", err
	}
	arn, err := tr.arnOf(url)
	if err != nil {
		return "", "", err
	}
	out, err := tr.house.stack.Lambda.ListEventSourceMappings(tr.ctx, &lambda.ListEventSourceMappingsInput{EventSourceArn: &arn})
	if err != nil || len(out.EventSourceMappings) != 1 {
		return "", "", fmt.Errorf("not one mapping of %s (%w)", logical, err)
	}
	return aws.ToString(out.EventSourceMappings[0].UUID), url, nil
}

func (tr *trial) arnOf(queue string) (string, error) {
	out, err := tr.house.stack.SQS.GetQueueAttributes(tr.ctx, &sqs.GetQueueAttributesInput{
		QueueUrl: &queue, AttributeNames: []sqstypes.QueueAttributeName{sqstypes.QueueAttributeNameQueueArn},
	})
	if err != nil {
		return "", fmt.Errorf("read the ARN of %s: %w", queue, err)
	}
	return out.Attributes["QueueArn"], nil
}

func (tr *trial) enable(mapping string, on bool) error {
	_, err := tr.house.stack.Lambda.UpdateEventSourceMapping(tr.ctx, &lambda.UpdateEventSourceMappingInput{UUID: &mapping, Enabled: &on})
	if err != nil {
		return fmt.Errorf("switch a queue's function: %w", err)
	}
	return tr.until("the switch", time.Minute, func() (bool, error) {
		out, err := tr.house.stack.Lambda.GetEventSourceMapping(tr.ctx, &lambda.GetEventSourceMappingInput{UUID: &mapping})
		return err == nil && (aws.ToString(out.State) == "Enabled") == on, err
	})
}

// takeAll takes so many messages out of a queue. One that was on its way to
// the function when that was switched off comes back by itself, later.
func (tr *trial) takeAll(queue string, want int) (bodies []string, err error) {
	err = tr.until("the held events", time.Minute, func() (bool, error) {
		out, err := tr.house.stack.SQS.ReceiveMessage(tr.ctx, &sqs.ReceiveMessageInput{QueueUrl: &queue, MaxNumberOfMessages: 10, WaitTimeSeconds: 1})
		if err != nil {
			return false, err
		}
		for _, m := range out.Messages {
			bodies = append(bodies, aws.ToString(m.Body))
			if _, err := tr.house.stack.SQS.DeleteMessage(tr.ctx, &sqs.DeleteMessageInput{QueueUrl: &queue, ReceiptHandle: m.ReceiptHandle}); err != nil {
				return false, err
			}
		}
		return len(bodies) >= want, nil
	})
	return bodies, err
}

func (tr *trial) sendMessage(queue, body string) error {
	_, err := tr.house.stack.SQS.SendMessage(tr.ctx, &sqs.SendMessageInput{QueueUrl: &queue, MessageBody: &body})
	if err != nil {
		return fmt.Errorf("send to %s: %w", queue, err)
	}
	return nil
}

// journalUnwritable puts a file where the journal of events has its folder,
// for some seconds under uploads.
func journalUnwritable(tr *trial) error {
	journal := filepath.Join(tr.house.engine.Home, "events")
	away := journal + ".away"
	uploads := tr.sendMany(clips.Second, underWay, atOnce)
	if err := tr.until("the first uploads", clientPatience, func() (bool, error) { return tr.created() >= underWay/4, nil }); err != nil {
		return err
	}
	if err := errors.Join(os.Rename(journal, away), os.WriteFile(journal, nil, 0o600)); err != nil {
		return err
	}
	tr.pause(3*time.Second + tr.moment(2*time.Second))
	if err := errors.Join(os.Remove(journal), os.Rename(away, journal)); err != nil {
		return err
	}
	tr.healed = time.Now()
	err := uploads.wait()
	tr.note("%d uploads, no journal for seconds", tr.created())
	return err
}

// poison are bodies that no consumer knows what to do with.
var poison = []string{
	"poison", "{}", "null", "[]", `"text"`, "{\"detail\":", `{"detail":{"object":{"key":"video/../../x.mp4"}}}`,
	`{"guid":"00000000-0000-5000-8000-000000000000","workflowStatus":"Complete","srcVideo":"video/none.mp4"}`,
	`{"id":"00000000-0000-4000-8000-000000000000","work":"deletion"}`, "\u202e\u2028\ufffd",
}

// poisoned puts poison into every queue that has a consumer, beside uploads.
func poisoned(tr *trial) error {
	out, err := tr.house.stack.Lambda.ListEventSourceMappings(tr.ctx, &lambda.ListEventSourceMappingsInput{})
	if err != nil {
		return err
	}
	uploads := tr.sendMany(clips.Second, underWay, atOnce)
	queues := 0
	for _, mapping := range out.EventSourceMappings {
		queue, err := tr.queueOf(mapping)
		if err != nil {
			return err
		}
		queues++
		for _, i := range tr.random.Perm(len(poison)) {
			if err := tr.sendMessage(queue, poison[i]); err != nil {
				return err
			}
			tr.pause(tr.moment(100 * time.Millisecond))
		}
	}
	tr.note("%d kinds of poison into %d queues", len(poison), queues)
	tr.healed = time.Now()
	err = uploads.wait()
	tr.note("%d uploads", tr.created())
	if queues == 0 {
		return errors.New("no queue has a consumer")
	}
	return err
}

// queueOf is the URL of the queue that a mapping works off.
func (tr *trial) queueOf(mapping lambdatypes.EventSourceMappingConfiguration) (string, error) {
	arn := aws.ToString(mapping.EventSourceArn)
	name := arn[1+strings.LastIndexByte(arn, ':'):]
	out, err := tr.house.stack.SQS.GetQueueUrl(tr.ctx, &sqs.GetQueueUrlInput{QueueName: &name})
	if err != nil {
		return "", fmt.Errorf("find the queue %s: %w", name, err)
	}
	return aws.ToString(out.QueueUrl), nil
}
