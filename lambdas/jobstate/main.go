// Jobstate follows MediaConvert's jobs by their events.
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
	StackName           string `env:"STACK_NAME,notEmpty"`
	TableName           string `env:"TABLE_NAME,notEmpty"`
	RunningJobTableName string `env:"RUNNING_JOB_TABLE_NAME,notEmpty"`
}

func main() { lambda.Main("jobstate", run) }

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
	tasks := &sfn.Tasks{Client: awssfn.NewFromConfig(cfg)}
	jobstate := &step.JobState{Workflow: set.StackName, Records: records, Running: running, Tasks: tasks, Now: time.Now, Log: log}
	awsbase.Warm(context.Background(), jobstate.Warm)
	lambda.Serve(log, jobstate.Handle)
	return nil
}
