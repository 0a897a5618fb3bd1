// Plan makes a video's record and decides how it is encoded.
package main

import (
	"context"
	"time"

	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	awsmediaconvert "github.com/aws/aws-sdk-go-v2/service/mediaconvert"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	awssns "github.com/aws/aws-sdk-go-v2/service/sns"

	"github.com/vodstack/vodstack/internal/adapter/awsbase"
	"github.com/vodstack/vodstack/internal/adapter/dynamodb"
	"github.com/vodstack/vodstack/internal/adapter/lambda"
	"github.com/vodstack/vodstack/internal/adapter/mediaconvert"
	"github.com/vodstack/vodstack/internal/adapter/s3"
	"github.com/vodstack/vodstack/internal/adapter/sns"
	"github.com/vodstack/vodstack/internal/step"
)

func main() { lambda.Main("plan", run) }

func run() error {
	set, err := lambda.Settings[settings]()
	if err != nil {
		return err
	}
	cfg, err := awsbase.Config(context.Background(), 5*time.Second)
	if err != nil {
		return err
	}
	log := lambda.Logger()
	client := awsmediaconvert.NewFromConfig(awsbase.With(cfg, 30*time.Second)) // a probe reads the file
	tables := awsdynamodb.NewFromConfig(cfg)
	plan := &step.Plan{
		Stack:     set.stack(),
		Records:   &dynamodb.Table{Client: tables, Name: set.TableName},
		Rows:      &dynamodb.Videos{Client: tables, Name: set.VideoTableName},
		Source:    &s3.Bucket{Client: awss3.NewFromConfig(cfg), Name: set.SourceBucket},
		Prober:    &mediaconvert.Prober{Client: client, Bucket: set.SourceBucket},
		Templates: &mediaconvert.Jobs{Client: client},
		Topic:     &sns.Topic{Client: awssns.NewFromConfig(cfg), ARN: set.TopicARN},
		Now:       time.Now, Log: log,
	}
	awsbase.Warm(context.Background(), plan.Warm)
	lambda.Start(log, plan.Handle)
	return nil
}
