// Videoevents applies the pipeline's messages to the video table.
package main

import (
	"context"
	"time"

	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/vodstack/vodstack/internal/adapter/awsbase"
	"github.com/vodstack/vodstack/internal/adapter/dynamodb"
	"github.com/vodstack/vodstack/internal/adapter/lambda"
	"github.com/vodstack/vodstack/internal/adapter/sqs"
	"github.com/vodstack/vodstack/internal/library"
)

type settings struct {
	VideoTableName   string `env:"VIDEO_TABLE_NAME,notEmpty"`
	HistoryTableName string `env:"HISTORY_TABLE_NAME,notEmpty"`
	TableName        string `env:"TABLE_NAME,notEmpty"`
	UnknownQueueURL  string `env:"UNKNOWN_QUEUE_URL,notEmpty"`
	WorkQueueURL     string `env:"WORK_QUEUE_URL,notEmpty"`
	DeliveryBase     string `env:"DELIVERY_BASE,notEmpty"`
}

func main() { lambda.Main("videoevents", run) }

func run() error {
	set, err := lambda.Settings[settings]()
	if err != nil {
		return err
	}
	cfg, err := awsbase.Config(context.Background(), 2*time.Second) // of 8 s in all
	if err != nil {
		return err
	}
	log, tables, queues := lambda.Logger(), awsdynamodb.NewFromConfig(cfg), awssqs.NewFromConfig(cfg)
	events := &library.Events{
		DeliveryBase: set.DeliveryBase,

		Rows:    &dynamodb.Videos{Client: tables, Name: set.VideoTableName},
		Records: &dynamodb.Table{Client: tables, Name: set.TableName},
		History: &dynamodb.History{Client: tables, Name: set.HistoryTableName},
		Aside:   &sqs.Aside{Client: queues, URL: set.UnknownQueueURL},
		Work:    &sqs.Queue{Client: queues, URL: set.WorkQueueURL},
		Now:     time.Now, Log: log,
	}
	awsbase.Warm(context.Background(), events.Warm)
	lambda.Start(log, events.Handle)
	return nil
}
