// Publish writes a video's final record and announces its streams.
package main

import (
	"context"
	"time"

	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	awssns "github.com/aws/aws-sdk-go-v2/service/sns"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/vodstack/vodstack/internal/adapter/awsbase"
	"github.com/vodstack/vodstack/internal/adapter/dynamodb"
	"github.com/vodstack/vodstack/internal/adapter/lambda"
	"github.com/vodstack/vodstack/internal/adapter/s3"
	"github.com/vodstack/vodstack/internal/adapter/sns"
	"github.com/vodstack/vodstack/internal/adapter/sqs"
	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/step"
)

func main() { lambda.Main("publish", run) }

func run() error {
	set, err := lambda.Settings[settings]()
	if err != nil {
		return err
	}
	cfg, err := awsbase.Config(context.Background(), 5*time.Second)
	if err != nil {
		return err
	}
	log, buckets := lambda.Logger(), awss3.NewFromConfig(awsbase.With(cfg, 15*time.Second))
	records := &dynamodb.Table{Client: awsdynamodb.NewFromConfig(cfg), Name: set.TableName}
	topic := &sns.Topic{Client: awssns.NewFromConfig(cfg), ARN: set.TopicARN}
	queue := &sqs.Results{Client: awssqs.NewFromConfig(cfg), URL: set.QueueURL}
	publish := &step.Publish{
		Delivery:    contract.Delivery{Bucket: set.DestinationBucket, Base: set.DeliveryBase},
		Records:     records,
		Source:      &s3.Bucket{Client: buckets, Name: set.SourceBucket},
		Destination: &s3.Bucket{Client: buckets, Name: set.DestinationBucket},
		Announcer:   &step.Announcer{Records: records, Topic: topic, Queue: queue, Now: time.Now},
		Now:         time.Now, Log: log,
	}
	awsbase.Warm(context.Background(), publish.Warm)
	lambda.Serve(log, publish.Handle)
	return nil
}
