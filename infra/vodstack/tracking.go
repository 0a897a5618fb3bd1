package vodstack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"

	"github.com/vodstack/vodstack/infra/config"
)

// newTracking is the table with one record per video.
func newTracking(stack awscdk.Stack, cfg config.Config) awsdynamodb.Table {
	table := pinned(awsdynamodb.NewTable(stack, new("Tracking"), tableProps(cfg, "guid")), "TrackingTable")
	table.AddGlobalSecondaryIndex(&awsdynamodb.GlobalSecondaryIndexProps{
		IndexName:      new("srcBucket-startTime-index"),
		PartitionKey:   text("srcBucket"),
		SortKey:        text("startTime"),
		ProjectionType: awsdynamodb.ProjectionType_ALL,
	})
	return table
}

// newRunningJobs is the table of what the pipeline remembers of jobs while
// they run.
func newRunningJobs(stack awscdk.Stack, cfg config.Config) awsdynamodb.Table {
	props := tableProps(cfg, "guid")
	props.TimeToLiveAttribute = new("expireAt")
	return pinned(awsdynamodb.NewTable(stack, new("RunningJobs"), props), "RunningJobTable")
}

// tableProps are the settings that every table shares.
func tableProps(cfg config.Config, key string) *awsdynamodb.TableProps {
	return &awsdynamodb.TableProps{
		PartitionKey:       text(key),
		BillingMode:        awsdynamodb.BillingMode_PAY_PER_REQUEST,
		DeletionProtection: new(cfg.Retain),
		PointInTimeRecoverySpecification: &awsdynamodb.PointInTimeRecoverySpecification{
			PointInTimeRecoveryEnabled: new(true),
		},
		RemovalPolicy: removal(cfg),
	}
}

func text(name string) *awsdynamodb.Attribute {
	return &awsdynamodb.Attribute{Name: new(name), Type: awsdynamodb.AttributeType_STRING}
}
