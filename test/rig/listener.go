package rig

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// A Message is one that came out of a queue.
type Message struct {
	Raw        string            // the body as it was received
	Body       map[string]any    // the pipeline's JSON; nil for what is no JSON object
	Subject    string            // only in an envelope of SNS
	Attributes map[string]string // message attributes, by name
}

// Text is a field of the body, empty when it is absent or no string.
func (m Message) Text(field string) string {
	text, _ := m.Body[field].(string)
	return text
}

// A Listener keeps everything that arrives in one queue.
type Listener struct {
	sqs *sqs.Client
	url string

	mutex    sync.Mutex
	messages []Message
	failed   error
	cancel   context.CancelFunc
	done     chan struct{}
}

// Listen empties a queue until Close.
func (s *Stack) Listen(url string) *Listener {
	ctx, cancel := context.WithCancel(context.Background())
	l := &Listener{sqs: s.SQS, url: url, cancel: cancel, done: make(chan struct{})}
	go l.run(ctx)
	return l
}

// Subscription is how a queue is subscribed to the topic.
type Subscription struct {
	Raw    bool   // without SNS's envelope
	Filter string // a filter policy, JSON; empty for every message
}

// Subscribe makes a queue, subscribes it to the topic as an application
// would, and listens to it.
func (s *Stack) Subscribe(ctx context.Context, name string, how Subscription) (*Listener, error) {
	queue, err := s.SQS.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: &name})
	if err != nil {
		return nil, fmt.Errorf("make the queue %s: %w", name, err)
	}
	attributes, err := s.SQS.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
		QueueUrl: queue.QueueUrl, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameQueueArn},
	})
	if err != nil {
		return nil, fmt.Errorf("read the ARN of the queue %s: %w", name, err)
	}
	settings := map[string]string{}
	if how.Raw {
		settings["RawMessageDelivery"] = "true"
	}
	if how.Filter != "" {
		settings["FilterPolicy"] = how.Filter
	}
	_, err = s.SNS.Subscribe(ctx, &sns.SubscribeInput{
		TopicArn: aws.String(s.Outputs["SnsNotificationTopic"]), Protocol: aws.String("sqs"),
		Endpoint: aws.String(attributes.Attributes["QueueArn"]), Attributes: settings,
	})
	if err != nil {
		return nil, fmt.Errorf("subscribe the queue %s: %w", name, err)
	}
	return s.Listen(aws.ToString(queue.QueueUrl)), nil
}

// Close stops listening.
func (l *Listener) Close() {
	l.cancel()
	<-l.done
}

// Find returns the messages for which ok holds, in the order of arrival.
func (l *Listener) Find(ok func(Message) bool) []Message {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	var found []Message
	for _, m := range l.messages {
		if ok(m) {
			found = append(found, m)
		}
	}
	return found
}

// Wait returns the first message for which ok holds, or says that none came
// in time.
func (l *Listener) Wait(ctx context.Context, patience time.Duration, ok func(Message) bool) (Message, error) {
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		if found := l.Find(ok); len(found) > 0 {
			return found[0], nil
		}
		select {
		case <-ctx.Done():
			return Message{}, ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return Message{}, fmt.Errorf("no such message within %v among %d (%v)", patience, len(l.messages), l.failed)
}

func (l *Listener) run(ctx context.Context) {
	defer close(l.done)
	for ctx.Err() == nil {
		if err := l.receive(ctx); err != nil && ctx.Err() == nil {
			l.mutex.Lock()
			l.failed = err
			l.mutex.Unlock()
			time.Sleep(200 * time.Millisecond)
		}
	}
}

func (l *Listener) receive(ctx context.Context) error {
	out, err := l.sqs.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl: &l.url, MaxNumberOfMessages: 10, WaitTimeSeconds: 1, MessageAttributeNames: []string{"All"},
	})
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	for _, m := range out.Messages {
		l.mutex.Lock()
		l.messages = append(l.messages, read(m))
		l.mutex.Unlock()
		if _, err := l.sqs.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &l.url, ReceiptHandle: m.ReceiptHandle}); err != nil {
			return fmt.Errorf("delete: %w", err)
		}
	}
	return nil
}

// envelope is what SNS puts around a message that is not delivered raw.
type envelope struct {
	Type              string
	Subject           string
	Message           string
	MessageAttributes map[string]struct{ Type, Value string }
}

func read(m types.Message) Message {
	message := Message{Raw: aws.ToString(m.Body), Attributes: map[string]string{}}
	body := message.Raw
	for name, value := range m.MessageAttributes {
		message.Attributes[name] = aws.ToString(value.StringValue)
	}
	var wrapped envelope
	if json.Unmarshal([]byte(body), &wrapped) == nil && wrapped.Type == "Notification" {
		body, message.Subject = wrapped.Message, wrapped.Subject
		for name, value := range wrapped.MessageAttributes {
			message.Attributes[name] = value.Value
		}
	}
	if json.Unmarshal([]byte(body), &message.Body) != nil {
		message.Body = nil
	}
	return message
}
