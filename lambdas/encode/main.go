// Encode submits a video's job and looks after it.
package main

import (
	"context"
	"time"

	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	awsmediaconvert "github.com/aws/aws-sdk-go-v2/service/mediaconvert"
	awssfn "github.com/aws/aws-sdk-go-v2/service/sfn"

	"github.com/vodstack/vodstack/internal/adapter/awsbase"
	"github.com/vodstack/vodstack/internal/adapter/dynamodb"
	"github.com/vodstack/vodstack/internal/adapter/lambda"
	"github.com/vodstack/vodstack/internal/adapter/mediaconvert"
	"github.com/vodstack/vodstack/internal/adapter/sfn"
	"github.com/vodstack/vodstack/internal/step"
)

func main() { lambda.Main("encode", run) }

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
	encode := &step.Encode{
		Records:        &dynamodb.Table{Client: tables, Name: set.TableName},
		Running:        &dynamodb.RunningJobs{Client: tables, Name: set.RunningJobTableName},
		Jobs:           &mediaconvert.Jobs{Client: awsmediaconvert.NewFromConfig(awsbase.With(cfg, 15*time.Second))},
		Tasks:          &sfn.Tasks{Client: awssfn.NewFromConfig(cfg)},
		QueueDeadline:  time.Duration(set.QueueDeadlineMinutes) * time.Minute,
		EncodeDeadline: time.Duration(set.EncodeDeadlineMinutes) * time.Minute,
		Now:            time.Now, Log: log,
	}
	awsbase.Warm(context.Background(), encode.Warm)
	lambda.Serve(log, encode.Handle)
	return nil
}
