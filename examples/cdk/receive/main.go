// Command receive prints what the queue of finished videos says, a line a
// video.
//
//	go run ./receive [-n COUNT] QUEUE_URL
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log"
	"os/signal"
	"syscall"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

func main() {
	count := flag.Int("n", 0, "stop after so many videos; 0 goes on until interrupted")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := receive(ctx, flag.Arg(0), *count); err != nil && !errors.Is(err, context.Canceled) {
		log.Fatal("receive: ", err)
	}
}

// receive handles messages until count of them are done, if count isn't 0.
// One that fails stays in the queue: it comes again after the visibility
// timeout, and after five times goes to the dead-letter queue.
func receive(ctx context.Context, queue string, count int) error {
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return fmt.Errorf("configure the SDK: %w", err)
	}
	client := sqs.NewFromConfig(cfg)
	for done := 0; count == 0 || done < count; {
		out, err := client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &queue, WaitTimeSeconds: 20})
		if err != nil {
			return fmt.Errorf("receive from %s: %w", queue, err)
		}
		for _, message := range out.Messages {
			if err := handle(message); err != nil {
				log.Print(err)
				continue
			}
			if _, err := client.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &queue, ReceiptHandle: message.ReceiptHandle}); err != nil {
				return fmt.Errorf("delete from %s: %w", queue, err)
			}
			done++
		}
	}
	return nil
}

// handle may see a message more than once, as SQS delivers at least once;
// printing it again does no harm.
func handle(message types.Message) error {
	var video struct{ GUID, Status, SrcVideo, HLSURL, ErrorCode, ErrorMessage string }
	if err := json.Unmarshal([]byte(*message.Body), &video); err != nil {
		return fmt.Errorf("message %s: %w", *message.MessageId, err)
	}
	if video.Status == "Complete" {
		fmt.Println(video.Status, video.SrcVideo, video.HLSURL)
	} else {
		fmt.Println(video.Status, video.SrcVideo, video.ErrorCode, video.ErrorMessage)
	}
	return nil
}
