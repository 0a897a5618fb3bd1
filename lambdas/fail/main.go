// Fail writes that a video failed, and why, and announces that.
package main

import (
	"context"
	"time"

	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	awsmediaconvert "github.com/aws/aws-sdk-go-v2/service/mediaconvert"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	awssns "github.com/aws/aws-sdk-go-v2/service/sns"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/vodstack/vodstack/internal/adapter/awsbase"
	"github.com/vodstack/vodstack/internal/adapter/dynamodb"
	"github.com/vodstack/vodstack/internal/adapter/lambda"
	"github.com/vodstack/vodstack/internal/adapter/mediaconvert"
	"github.com/vodstack/vodstack/internal/adapter/s3"
	"github.com/vodstack/vodstack/internal/adapter/sns"
	"github.com/vodstack/vodstack/internal/adapter/sqs"
	"github.com/vodstack/vodstack/internal/step"
)

type settings struct {
	StackName           string `env:"STACK_NAME,notEmpty"`
	SourceBucket        string `env:"SOURCE_BUCKET,notEmpty"`
	TableName           string `env:"TABLE_NAME,notEmpty"`
	RunningJobTableName string `env:"RUNNING_JOB_TABLE_NAME,notEmpty"`
	TopicARN            string `env:"TOPIC_ARN,notEmpty"`
	QueueURL            string `env:"QUEUE_URL,notEmpty"`
}

func main() { lambda.Main("fail", run) }

func run() error {
	set, err := lambda.Settings[settings]()
	if err != nil {
		return err
	}
	cfg, err := awsbase.Config(context.Background(), 5*time.Second)
	if err != nil {
		return err
	}
	log, tables := lambda.Logger(), awsdynamodb.NewFromConfig(cfg)
	records := &dynamodb.Table{Client: tables, Name: set.TableName}
	running := &dynamodb.RunningJobs{Client: tables, Name: set.RunningJobTableName}
	jobs := &mediaconvert.Jobs{Client: awsmediaconvert.NewFromConfig(awsbase.With(cfg, 15*time.Second))}
	topic := &sns.Topic{Client: awssns.NewFromConfig(cfg), ARN: set.TopicARN}
	queue := &sqs.Results{Client: awssqs.NewFromConfig(cfg), URL: set.QueueURL}
	announcer := &step.Announcer{Records: records, Topic: topic, Queue: queue, Now: time.Now}
	source := &s3.Bucket{Client: awss3.NewFromConfig(cfg), Name: set.SourceBucket}
	fail := &step.Fail{Records: records, Running: running, Jobs: jobs, Source: source, Announcer: announcer, Workflow: set.StackName, Now: time.Now, Log: log}
	awsbase.Warm(context.Background(), fail.Warm)
	lambda.Start(log, fail.Handle)
	return nil
}
