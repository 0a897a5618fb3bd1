// Ingest starts an execution for each video, or metadata file, that arrives.
package main

import (
	"context"
	"time"

	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	awssfn "github.com/aws/aws-sdk-go-v2/service/sfn"

	"github.com/vodstack/vodstack/internal/adapter/awsbase"
	"github.com/vodstack/vodstack/internal/adapter/dynamodb"
	"github.com/vodstack/vodstack/internal/adapter/lambda"
	"github.com/vodstack/vodstack/internal/adapter/sfn"
	"github.com/vodstack/vodstack/internal/step"
)

type settings struct {
	SourceBucket    string `env:"SOURCE_BUCKET,notEmpty"`
	StateMachineARN string `env:"STATE_MACHINE_ARN,notEmpty"`
	VideoTableName  string `env:"VIDEO_TABLE_NAME,notEmpty"`
	Trigger         string `env:"TRIGGER,notEmpty"`
}

func main() { lambda.Main("ingest", run) }

func run() error {
	set, err := lambda.Settings[settings]()
	if err != nil {
		return err
	}
	trigger, err := step.TriggerOf(set.Trigger)
	if err != nil {
		return err
	}
	cfg, err := awsbase.Config(context.Background(), 2*time.Second) // of 8 s in all
	if err != nil {
		return err
	}
	log := lambda.Logger()
	machine := &sfn.Machine{Client: awssfn.NewFromConfig(cfg), ARN: set.StateMachineARN}
	rows := &dynamodb.Videos{Client: awsdynamodb.NewFromConfig(cfg), Name: set.VideoTableName}
	ingest := &step.Ingest{SourceBucket: set.SourceBucket, Trigger: trigger, Rows: rows, Executions: machine, Log: log}
	awsbase.Warm(context.Background(), ingest.Warm)
	lambda.Start(log, ingest.HandleBatch)
	return nil
}
