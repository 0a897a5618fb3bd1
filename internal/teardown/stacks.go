package teardown

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/smithy-go"
)

// CloudFormation finds and deletes stacks of an account.
type CloudFormation struct {
	Client *cloudformation.Client
	Region string
	// Wait is how long a deletion may take; a distribution needs about five
	// minutes.
	Wait time.Duration
}

// order is the order in which buckets are emptied: the access logs last,
// since emptying the others writes to them.
var order = []string{"SourceBucket", "DestinationBucket", "AccessLogsBucket"}

// Find looks a stack up.
func (c CloudFormation) Find(ctx context.Context, name string) (Stack, error) {
	out, err := c.Client.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &name})
	if missing(err) {
		return Stack{}, fmt.Errorf("there is no stack of that name in %s", c.Region)
	}
	if err != nil {
		return Stack{}, fmt.Errorf("look it up: %w", err)
	}
	if len(out.Stacks) == 0 {
		return Stack{}, fmt.Errorf("there is no stack of that name in %s", c.Region)
	}
	stack := Stack{Name: name, Place: c.place(out.Stacks[0]), Protected: aws.ToBool(out.Stacks[0].EnableTerminationProtection)}
	if stack.Kept, err = c.kept(ctx, name); err != nil {
		return Stack{}, err
	}
	stack.Buckets, err = c.buckets(ctx, name)
	return stack, err
}

// place is the account and region, as far as the stack's id tells.
func (c CloudFormation) place(s types.Stack) string {
	if part := strings.Split(aws.ToString(s.StackId), ":"); len(part) > 4 {
		return fmt.Sprintf("%s (account %s)", part[3], part[4])
	}
	return c.Region
}

// kept are the resources that the deployed template keeps.
func (c CloudFormation) kept(ctx context.Context, name string) ([]string, error) {
	out, err := c.Client.GetTemplate(ctx, &cloudformation.GetTemplateInput{StackName: &name})
	if err != nil {
		return nil, fmt.Errorf("read its template: %w", err)
	}
	var template struct {
		Resources map[string]struct{ DeletionPolicy string }
	}
	if err := json.Unmarshal([]byte(aws.ToString(out.TemplateBody)), &template); err != nil {
		return nil, fmt.Errorf("read its template: %w", err)
	}
	var ids []string
	for id, r := range template.Resources {
		if r.DeletionPolicy == "Retain" {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids, nil
}

// buckets are the stack's own, by their names.
func (c CloudFormation) buckets(ctx context.Context, name string) ([]string, error) {
	names := map[string]string{}
	pages := cloudformation.NewListStackResourcesPaginator(c.Client, &cloudformation.ListStackResourcesInput{StackName: &name})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list its resources: %w", err)
		}
		for _, r := range page.StackResourceSummaries {
			if aws.ToString(r.ResourceType) == "AWS::S3::Bucket" && r.ResourceStatus != types.ResourceStatusDeleteComplete {
				names[aws.ToString(r.LogicalResourceId)] = aws.ToString(r.PhysicalResourceId)
			}
		}
	}
	var buckets []string
	for _, id := range order {
		if names[id] != "" {
			buckets = append(buckets, names[id])
		}
	}
	return buckets, nil
}

// Delete returns when the stack is gone.
func (c CloudFormation) Delete(ctx context.Context, name string) error {
	if _, err := c.Client.DeleteStack(ctx, &cloudformation.DeleteStackInput{StackName: &name}); err != nil {
		return fmt.Errorf("delete it: %w", err)
	}
	waiter := cloudformation.NewStackDeleteCompleteWaiter(c.Client, func(o *cloudformation.StackDeleteCompleteWaiterOptions) {
		o.MinDelay, o.MaxDelay = time.Second, 15*time.Second
	})
	if err := waiter.Wait(ctx, &cloudformation.DescribeStacksInput{StackName: &name}, c.Wait); err != nil {
		return fmt.Errorf("delete it: %w", errors.Join(err, c.reason(ctx, name)))
	}
	return nil
}

// reason is what CloudFormation says of a deletion that failed.
func (c CloudFormation) reason(ctx context.Context, name string) error {
	out, err := c.Client.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &name})
	if err != nil || len(out.Stacks) == 0 || out.Stacks[0].StackStatusReason == nil {
		return nil
	}
	return errors.New(*out.Stacks[0].StackStatusReason)
}

// missing says whether CloudFormation doesn't know a stack, which it calls
// an invalid request.
func missing(err error) bool {
	var api smithy.APIError
	return errors.As(err, &api) && api.ErrorCode() == "ValidationError" && strings.Contains(api.ErrorMessage(), "does not exist")
}
