package dynamodb

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/vodstack/vodstack/internal/adapter/awsbase"
	"github.com/vodstack/vodstack/internal/contract"
)

// RunningJobs is the table of what is remembered of jobs while they run. Its
// items are small and no index copies them: a write costs one unit.
type RunningJobs struct {
	Client *dynamodb.Client
	Name   string
}

// runningJobLife is how long an item is kept after its last write: longer
// than an execution looks after a job.
const runningJobLife = 60 * 24 * time.Hour

// Get reads what is remembered as it is now; nothing is an empty job.
func (r *RunningJobs) Get(ctx context.Context, guid string) (contract.RunningJob, error) {
	out, err := r.Client.GetItem(ctx, &dynamodb.GetItemInput{TableName: &r.Name, Key: keyOf(guid), ConsistentRead: aws.Bool(true)})
	if err != nil {
		return contract.RunningJob{}, awsbase.Explain(err)
	}
	return runningJobOf(guid, out.Item)
}

// Await stores the token of the waiting task, in the place of an older one,
// and since when there may be a job. It returns what was there before.
func (r *RunningJobs) Await(ctx context.Context, guid, token, at string) (before contract.RunningJob, err error) {
	before, _, err = r.update(ctx, guid, runningJobChange{
		set: item{"taskToken": text(token)}, once: item{"submittingSince": text(at)}, before: true,
	})
	if before.TaskToken == token && before.SubmittingSince == at { // by a try of this very call, whose answer was lost
		before.TaskToken, before.SubmittingSince = "", ""
	}
	return before, err
}

// BeginSubmit notes that CreateJob is about to be called again.
func (r *RunningJobs) BeginSubmit(ctx context.Context, guid, at string) error {
	_, _, err := r.update(ctx, guid, runningJobChange{set: item{"submittingSince": text(at)}})
	return err
}

// EndSubmit notes that there is no job.
func (r *RunningJobs) EndSubmit(ctx context.Context, guid string) error {
	_, _, err := r.update(ctx, guid, runningJobChange{remove: "submittingSince"})
	return err
}

// Advance raises the progress of a job that is remembered. It returns false
// where that is known to be as far already.
func (r *RunningJobs) Advance(ctx context.Context, guid string, percent int) (job contract.RunningJob, advanced bool, err error) {
	return r.update(ctx, guid, runningJobChange{
		set:       item{"progress": percentage(percent)},
		condition: "attribute_exists(guid) AND (attribute_not_exists(#progress) OR #progress < :progress)",
	})
}

// Recorded notes which progress the record was told, and when.
func (r *RunningJobs) Recorded(ctx context.Context, guid string, percent int, at string) error {
	_, _, err := r.update(ctx, guid, runningJobChange{
		set:       item{"recordedProgress": percentage(percent), "recordedAt": text(at)},
		condition: "attribute_exists(guid)",
	})
	return err
}

// Delete forgets a job; one that is forgotten already counts as done.
func (r *RunningJobs) Delete(ctx context.Context, guid string) error {
	_, err := r.Client.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &r.Name, Key: keyOf(guid)})
	return awsbase.Explain(err)
}

// runningJobChange is one write.
type runningJobChange struct {
	set       item
	once      item   // fields to set where there is none
	remove    string // at most one field
	condition string
	before    bool // what was there before comes back, not what is there after
}

func (r *RunningJobs) update(ctx context.Context, guid string, change runningJobChange) (job contract.RunningJob, done bool, err error) {
	expression, names := "SET #expireAt = :expireAt", map[string]string{"#expireAt": "expireAt"}
	expires := strconv.FormatInt(time.Now().Add(runningJobLife).Unix(), 10)
	values := item{":expireAt": &types.AttributeValueMemberN{Value: expires}}
	assign := func(fields item, format string) {
		for field, value := range fields {
			expression += fmt.Sprintf(format, field)
			names["#"+field], values[":"+field] = field, value
		}
	}
	assign(change.set, ", #%[1]s = :%[1]s")
	assign(change.once, ", #%[1]s = if_not_exists(#%[1]s, :%[1]s)")
	if change.remove != "" {
		expression += " REMOVE #" + change.remove
		names["#"+change.remove] = change.remove
	}
	input := &dynamodb.UpdateItemInput{
		TableName: &r.Name, Key: keyOf(guid), UpdateExpression: &expression,
		ExpressionAttributeNames: names, ExpressionAttributeValues: values, ReturnValues: types.ReturnValueAllNew,
	}
	if change.before {
		input.ReturnValues = types.ReturnValueAllOld
	}
	if change.condition != "" {
		input.ConditionExpression = &change.condition
	}
	out, err := r.Client.UpdateItem(ctx, input)
	var failed *types.ConditionalCheckFailedException
	if errors.As(err, &failed) {
		return job, false, nil
	}
	if err != nil {
		return job, false, awsbase.Explain(err)
	}
	job, err = runningJobOf(guid, out.Attributes)
	return job, err == nil, err
}

func runningJobOf(guid string, fields item) (contract.RunningJob, error) {
	job := contract.RunningJob{GUID: guid}
	if err := into(fields, &job); err != nil {
		return job, fmt.Errorf("read running job %s: %w", guid, err)
	}
	return job, nil
}

func percentage(percent int) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.Itoa(percent)}
}
