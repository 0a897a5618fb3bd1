// Api is the integration's REST API.
package main

import (
	"context"
	"net/http"
	"runtime/debug"
	"time"

	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	awssfn "github.com/aws/aws-sdk-go-v2/service/sfn"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/vodstack/vodstack/internal/adapter/awsbase"
	"github.com/vodstack/vodstack/internal/adapter/dynamodb"
	"github.com/vodstack/vodstack/internal/adapter/gateway"
	"github.com/vodstack/vodstack/internal/adapter/lambda"
	"github.com/vodstack/vodstack/internal/adapter/s3"
	"github.com/vodstack/vodstack/internal/adapter/sfn"
	"github.com/vodstack/vodstack/internal/adapter/sqs"
	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/httpapi"
)

func main() { lambda.Main("api", run) }

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
	videos := &dynamodb.Videos{Client: tables, Name: set.VideoTable}
	uploads := s3.NewUploads(cfg, set.SourceBucket)
	api := &httpapi.API{
		Settings: set.limits(),
		Rows:     videos, Claims: videos, Lists: videos,
		History: &dynamodb.History{Client: tables, Name: set.HistoryTable},
		Running: &dynamodb.RunningJobs{Client: tables, Name: set.RunningJobTable},
		Signer:  uploads, Multipart: uploads, Sources: uploads,
		Executions: &sfn.Machine{Client: awssfn.NewFromConfig(cfg), ARN: set.StateMachineARN},
		Work:       &sqs.Queue{Client: awssqs.NewFromConfig(cfg), URL: set.WorkQueueURL},
		Now:        time.Now, Log: log,
	}
	front := &gateway.Gateway{Auth: set.Auth, BaseURL: set.BaseURL, Handler: api.Handler(), Log: log,
		Mark: func(ctx context.Context, caller gateway.Caller) context.Context {
			return httpapi.WithCaller(ctx, httpapi.Caller(caller))
		}}
	api.Warm(context.Background())
	awsbase.Warm(context.Background(), func(ctx context.Context) {
		_, _ = videos.Get(ctx, "warm")
		_, _ = videos.Count(ctx, "warm", contract.StatusNew, 1)
	})
	front.Warm(context.Background(), http.MethodPost, "/videos", httpapi.RefusedVideo)
	debug.SetGCPercent(100) // test/bench holds it to 20 MB
	lambda.Start(log, front.Handle)
	return nil
}
