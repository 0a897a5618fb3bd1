package vodstack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/jsii-runtime-go"

	"github.com/vodstack/vodstack/infra/config"
	"github.com/vodstack/vodstack/internal/contract"
)

// videos are the integration's tables: a row per video, and every message
// about it.
type videos struct {
	table, history awsdynamodb.Table
}

func newVideos(stack awscdk.Stack, cfg config.Config) videos {
	props := tableProps(cfg, "id")
	props.TimeToLiveAttribute = new("expireAt")
	table := pinned(awsdynamodb.NewTable(stack, new("Videos"), props), "VideoTable")
	for _, index := range []*awsdynamodb.GlobalSecondaryIndexProps{
		find(contract.IndexKey, "s3key"),
		find(contract.IndexGUID, "vodGuid"),
		listing(contract.IndexOwner, "ownerId"),
		listing(contract.IndexOwnerStatus, "ownerStatus"),
		due(contract.IndexWork, "pendingWork"),
	} {
		table.AddGlobalSecondaryIndex(index)
	}
	messages := tableProps(cfg, "id")
	messages.SortKey = text("at")
	return videos{table, pinned(awsdynamodb.NewTable(stack, new("VideoHistory"), messages), "VideoHistoryTable")}
}

// find is an index that leads from an attribute to the row's id.
func find(name, key string) *awsdynamodb.GlobalSecondaryIndexProps {
	return &awsdynamodb.GlobalSecondaryIndexProps{
		IndexName: new(name), PartitionKey: text(key), ProjectionType: awsdynamodb.ProjectionType_KEYS_ONLY,
	}
}

// listing is an index that a page of a list is read from, in the order of
// creation, without a second look at the table. DynamoDB changes no index
// that exists: another field is another index.
func listing(name, key string) *awsdynamodb.GlobalSecondaryIndexProps {
	return &awsdynamodb.GlobalSecondaryIndexProps{
		IndexName: new(name), PartitionKey: text(key), SortKey: text("createdAt"),
		ProjectionType: awsdynamodb.ProjectionType_INCLUDE, NonKeyAttributes: jsii.Strings(contract.RowListed...),
	}
}

// due is an index of what is left to do; a row without such work isn't in it.
func due(name, key string) *awsdynamodb.GlobalSecondaryIndexProps {
	return &awsdynamodb.GlobalSecondaryIndexProps{
		IndexName: new(name), PartitionKey: text(key), SortKey: text("dueAt"), ProjectionType: awsdynamodb.ProjectionType_KEYS_ONLY,
	}
}

// index is the ARN of one index of a table.
func index(table awsdynamodb.Table, name string) *string {
	return awscdk.Fn_Join(new("/index/"), &[]*string{table.TableArn(), new(name)})
}
