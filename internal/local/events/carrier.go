package events

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
)

// Lambda's defaults for asynchronous invocations.
const (
	defaultFunctionRetries = 2
	defaultFunctionMaxAge  = 6 * time.Hour
)

// Services carries events to functions and queues of the control plane.
//
// A function is invoked synchronously, with Lambda's asynchronous rules
// (retries, failure destination) applied here: so an event stays in the
// journal until its function has succeeded, and a burst does not start a
// process for each event.
type Services struct {
	Lambda *lambda.Client
	SQS    *sqs.Client
}

// Carry takes the event to its target.
func (s *Services) Carry(ctx context.Context, to Target, event []byte) error {
	if to.Input != "" {
		event = []byte(to.Input)
	}
	switch service(to.ARN) {
	case "lambda":
		return s.invoke(ctx, to.ARN, event)
	case "sqs":
		return s.send(ctx, to.ARN, string(event), nil)
	default:
		return &Permanent{fmt.Errorf("target %s: only functions and queues get events on one machine", to.ARN)}
	}
}

// service is the third part of an ARN.
func service(arn string) string {
	parts := strings.SplitN(arn, ":", 4)
	if len(parts) < 4 {
		return ""
	}
	return parts[2]
}

// diskFull tells this machine's failure from the function's. The control
// plane unpacks functions to disk, and reports that it cannot as if the
// function had failed; the event then waits until there is room.
func diskFull(payload []byte) bool {
	return bytes.Contains(bytes.ToLower(payload), []byte("no space left on device"))
}

func (s *Services) invoke(ctx context.Context, function string, event []byte) error {
	out, err := s.Lambda.Invoke(ctx, &lambda.InvokeInput{FunctionName: &function, Payload: event},
		// The journal tries again; a second try here would hide the first.
		func(o *lambda.Options) { o.RetryMaxAttempts = 1 })
	if err != nil {
		return classify(fmt.Errorf("invoke %s: %w", function, err))
	}
	if out.FunctionError == nil {
		return nil
	}
	if diskFull(out.Payload) {
		return fmt.Errorf("%w: the disk is full", ErrOutage)
	}
	failure := &FunctionError{Retries: defaultFunctionRetries, MaxAge: defaultFunctionMaxAge, Payload: out.Payload}
	if err := s.applySettings(ctx, function, failure); err != nil {
		return classify(err)
	}
	return failure
}

// applySettings reads what the function's own configuration says about
// failed asynchronous invocations.
func (s *Services) applySettings(ctx context.Context, function string, f *FunctionError) error {
	out, err := s.Lambda.GetFunctionEventInvokeConfig(ctx, &lambda.GetFunctionEventInvokeConfigInput{FunctionName: &function})
	var none *lambdatypes.ResourceNotFoundException
	if errors.As(err, &none) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("retry settings of %s: %w", function, err)
	}
	if out.MaximumRetryAttempts != nil {
		f.Retries = int(*out.MaximumRetryAttempts)
	}
	if out.MaximumEventAgeInSeconds != nil {
		f.MaxAge = time.Duration(*out.MaximumEventAgeInSeconds) * time.Second
	}
	if d := out.DestinationConfig; d != nil && d.OnFailure != nil {
		f.Destination = aws.ToString(d.OnFailure.Destination)
	}
	return nil
}

// send puts a message into the queue with that ARN.
func (s *Services) send(ctx context.Context, arn, body string, attributes map[string]sqstypes.MessageAttributeValue) error {
	name := arn[strings.LastIndexByte(arn, ':')+1:]
	queue, err := s.SQS.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: &name})
	if err != nil {
		return classify(fmt.Errorf("find queue %s: %w", name, err))
	}
	_, err = s.SQS.SendMessage(ctx, &sqs.SendMessageInput{
		QueueUrl: queue.QueueUrl, MessageBody: &body, MessageAttributes: attributes,
	})
	if err != nil {
		return classify(fmt.Errorf("send to queue %s: %w", name, err))
	}
	return nil
}

// Bury sends an event to the function's failure destination or to the
// target's dead-letter queue, as Lambda and EventBridge word it.
func (s *Services) Bury(ctx context.Context, b Burial) error {
	var function *FunctionError
	if errors.As(b.Cause, &function) {
		if function.Destination == "" {
			return nil
		}
		if service(function.Destination) != "sqs" {
			return &Permanent{fmt.Errorf("failure destination %s: only queues get events on one machine", function.Destination)}
		}
		body, err := failureRecord(b, function)
		if err != nil {
			return err
		}
		return s.send(ctx, function.Destination, body, nil)
	}
	if b.Target.DeadLetter == "" {
		return nil
	}
	return s.send(ctx, b.Target.DeadLetter, string(b.Event), deadLetterAttributes(b))
}

// failureRecord is the message that Lambda sends to a failure destination.
func failureRecord(b Burial, function *FunctionError) (string, error) {
	record := map[string]any{
		"version": "1.0", "timestamp": time.Now().UTC().Format("2006-01-02T15:04:05.000Z"),
		"requestContext": map[string]any{
			"functionArn": b.Target.ARN + ":$LATEST", "condition": b.Condition, "approximateInvokeCount": b.Attempts,
		},
		"requestPayload":  json.RawMessage(b.Event),
		"responseContext": map[string]any{"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
	}
	if json.Valid(function.Payload) {
		record["responsePayload"] = function.Payload
	}
	data, err := json.Marshal(record)
	if err != nil {
		return "", fmt.Errorf("failure record for %s: %w", b.Target.ARN, err)
	}
	return string(data), nil
}

// deadLetterAttributes are those that EventBridge gives a dead letter.
func deadLetterAttributes(b Burial) map[string]sqstypes.MessageAttributeValue {
	attributes := map[string]sqstypes.MessageAttributeValue{}
	for name, value := range map[string]string{
		"RULE_ARN": b.Target.Rule, "TARGET_ARN": b.Target.ARN, "ERROR_MESSAGE": b.Cause.Error(),
		"ERROR_CODE": errorCode(b.Cause), "EXHAUSTED_RETRY_CONDITION": b.Condition,
	} {
		if value != "" {
			attributes[name] = sqstypes.MessageAttributeValue{DataType: aws.String("String"), StringValue: aws.String(value)}
		}
	}
	attributes["RETRY_ATTEMPTS"] = sqstypes.MessageAttributeValue{
		DataType: aws.String("Number"), StringValue: aws.String(fmt.Sprint(max(b.Attempts-1, 0))),
	}
	return attributes
}

func errorCode(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return "UNKNOWN"
}

// classify sorts a failed call: nobody answered, no retry would help, or
// worth another attempt.
func classify(err error) error {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return fmt.Errorf("%w: %w", ErrOutage, err)
	}
	switch api.ErrorCode() {
	case "ResourceNotFoundException", "AccessDeniedException", "QueueDoesNotExist",
		"AWS.SimpleQueueService.NonExistentQueue", "InvalidParameterValueException":
		return &Permanent{err}
	}
	return err
}
