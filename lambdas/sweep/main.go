// Sweep finishes what requests have left to do: deletions, promised encodes,
// and uploads that never came. It removes the outputs of failed videos.
package main

import (
	"context"
	"time"

	awscloudfront "github.com/aws/aws-sdk-go-v2/service/cloudfront"
	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	awsmediaconvert "github.com/aws/aws-sdk-go-v2/service/mediaconvert"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	awssfn "github.com/aws/aws-sdk-go-v2/service/sfn"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/vodstack/vodstack/internal/adapter/awsbase"
	"github.com/vodstack/vodstack/internal/adapter/cloudfront"
	"github.com/vodstack/vodstack/internal/adapter/dynamodb"
	"github.com/vodstack/vodstack/internal/adapter/lambda"
	"github.com/vodstack/vodstack/internal/adapter/mediaconvert"
	"github.com/vodstack/vodstack/internal/adapter/s3"
	"github.com/vodstack/vodstack/internal/adapter/sfn"
	"github.com/vodstack/vodstack/internal/adapter/sqs"
	"github.com/vodstack/vodstack/internal/library"
)

type settings struct {
	SourceBucket        string `env:"SOURCE_BUCKET,notEmpty"`
	DestinationBucket   string `env:"DESTINATION_BUCKET,notEmpty"`
	VideoTableName      string `env:"VIDEO_TABLE_NAME,notEmpty"`
	HistoryTableName    string `env:"HISTORY_TABLE_NAME,notEmpty"`
	TableName           string `env:"TABLE_NAME,notEmpty"`
	RunningJobTableName string `env:"RUNNING_JOB_TABLE_NAME,notEmpty"`
	StateMachineARN     string `env:"STATE_MACHINE_ARN,notEmpty"`
	DistributionID      string `env:"DISTRIBUTION_ID,notEmpty"`
	WorkQueueURL        string `env:"WORK_QUEUE_URL,notEmpty"`
}

func main() { lambda.Main("sweep", run) }

func run() error {
	set, err := lambda.Settings[settings]()
	if err != nil {
		return err
	}
	cfg, err := awsbase.Config(context.Background(), 10*time.Second)
	if err != nil {
		return err
	}
	log, tables := lambda.Logger(), awsdynamodb.NewFromConfig(cfg)
	buckets := awss3.NewFromConfig(awsbase.With(cfg, 30*time.Second)) // a thousand objects are deleted in one call
	sweep := &library.Sweep{
		SourceBucket: set.SourceBucket,
		Rows:         &dynamodb.Videos{Client: tables, Name: set.VideoTableName},
		History:      &dynamodb.History{Client: tables, Name: set.HistoryTableName},
		Records:      &dynamodb.Table{Client: tables, Name: set.TableName},
		Running:      &dynamodb.RunningJobs{Client: tables, Name: set.RunningJobTableName},
		Source:       &s3.Bucket{Client: buckets, Name: set.SourceBucket},
		Destination:  &s3.Bucket{Client: buckets, Name: set.DestinationBucket},
		Executions:   &sfn.Machine{Client: awssfn.NewFromConfig(cfg), ARN: set.StateMachineARN},
		Jobs:         &mediaconvert.Jobs{Client: awsmediaconvert.NewFromConfig(cfg)},
		CDN:          &cloudfront.Distribution{Client: awscloudfront.NewFromConfig(cfg), ID: set.DistributionID},
		Work:         &sqs.Queue{Client: awssqs.NewFromConfig(cfg), URL: set.WorkQueueURL},
		Now:          time.Now, Log: log,
	}
	lambda.Start(log, sweep.Handle)
	return nil
}
