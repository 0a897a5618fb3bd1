package deploy

import (
	"context"
	"fmt"
	"net/http"
	"path"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"github.com/vodstack/vodstack/internal/local/objectstore"
)

// deployed tells a stack that was made or updated well. One that was rolled
// back is complete in CloudFormation's words, too.
func deployed(stack types.Stack) bool {
	return stack.StackStatus == types.StackStatusCreateComplete || stack.StackStatus == types.StackStatusUpdateComplete
}

// missing is an error that names a part which CloudFormation believes to be
// there and which is not: functions, rules, the API and its routes, the state
// machine and the tables.
func (d *Deployment) missing(ctx context.Context) error {
	out, err := d.cloudFormation().DescribeStackResources(ctx, &cloudformation.DescribeStackResourcesInput{StackName: &d.Stack})
	if err != nil {
		return fmt.Errorf("resources of stack %s: %w", d.Stack, err)
	}
	api := ""
	for _, r := range out.StackResources {
		if aws.ToString(r.ResourceType) == "AWS::ApiGatewayV2::Api" {
			api = aws.ToString(r.PhysicalResourceId)
		}
	}
	for _, r := range out.StackResources {
		if err := d.look(ctx, aws.ToString(r.ResourceType), aws.ToString(r.PhysicalResourceId), api); err != nil {
			return fmt.Errorf("%s of the stack %s is missing (%w), and CloudFormation believes that it is there: begin anew, as docs/local.md says",
				aws.ToString(r.LogicalResourceId), d.Stack, err)
		}
	}
	return nil
}

// look asks the service of a resource for it.
func (d *Deployment) look(ctx context.Context, kind, id, api string) error {
	keys := credentials.NewStaticCredentialsProvider(d.AccessKey, d.SecretKey, "")
	var err error
	switch kind {
	case "AWS::Lambda::Function":
		client := lambda.New(lambda.Options{BaseEndpoint: &d.ControlPlane, Region: d.Region, Credentials: keys})
		_, err = client.GetFunctionConfiguration(ctx, &lambda.GetFunctionConfigurationInput{FunctionName: &id})
	case "AWS::Events::Rule":
		client := eventbridge.New(eventbridge.Options{BaseEndpoint: &d.ControlPlane, Region: d.Region, Credentials: keys})
		_, err = client.DescribeRule(ctx, &eventbridge.DescribeRuleInput{Name: &id})
	case "AWS::StepFunctions::StateMachine":
		client := sfn.New(sfn.Options{BaseEndpoint: &d.ControlPlane, Region: d.Region, Credentials: keys})
		_, err = client.DescribeStateMachine(ctx, &sfn.DescribeStateMachineInput{StateMachineArn: &id})
	case "AWS::DynamoDB::Table":
		client := dynamodb.New(dynamodb.Options{BaseEndpoint: &d.ControlPlane, Region: d.Region, Credentials: keys})
		_, err = client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &id})
	case "AWS::ApiGatewayV2::Api":
		err = d.get(ctx, "/v2/apis/"+id)
	case "AWS::ApiGatewayV2::Route":
		// The control plane's id of a route begins with the API's.
		err = d.get(ctx, "/v2/apis/"+api+"/routes/"+path.Base(id))
	}
	return err
}

// get is a signed request to API Gateway, for which the project needs no more.
func (d *Deployment) get(ctx context.Context, resource string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, d.ControlPlane+resource, nil)
	if err != nil {
		return err
	}
	const emptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	keys := aws.Credentials{AccessKeyID: d.AccessKey, SecretAccessKey: d.SecretKey}
	if err := v4.NewSigner().SignHTTP(ctx, keys, request, emptyHash, "apigateway", d.Region, time.Now()); err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("API Gateway answers %s", response.Status)
	}
	return nil
}

const (
	toolkitStack = "CDKToolkit"
	// deletePatience is how long the control plane may take to delete it.
	deletePatience = 30 * time.Second
)

// clearToolkit removes what a start of the CDK's own stack has left that was
// cut off: the stack, and the bucket, whose name is fixed and which outlives
// the stack.
func (d *Deployment) clearToolkit(ctx context.Context, stack bool) error {
	if stack {
		if _, err := d.cloudFormation().DeleteStack(ctx, &cloudformation.DeleteStackInput{StackName: aws.String(toolkitStack)}); err != nil {
			return fmt.Errorf("delete the stack %s, which is not whole: %w", toolkitStack, err)
		}
		for deadline := time.Now().Add(deletePatience); ; time.Sleep(100 * time.Millisecond) {
			left, err := d.describe(ctx, toolkitStack)
			if err != nil || left.StackStatus == types.StackStatusDeleteComplete {
				break
			}
			if time.Now().After(deadline) {
				return fmt.Errorf("the stack %s, which is not whole, is still %s after %s", toolkitStack, left.StackStatus, deletePatience)
			}
		}
	}
	return d.clearAssets(ctx, "cdk-hnb659fds-assets-"+d.Account+"-"+d.Region)
}

// clearAssets deletes the CDK's bucket in the control plane, where there is
// one.
func (d *Deployment) clearAssets(ctx context.Context, bucket string) error {
	client := objectstore.Client(d.ControlPlane, d.Region, d.AccessKey, d.SecretKey)
	if _, err := client.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &bucket}); err != nil {
		return nil // there is none
	}
	pages := s3.NewListObjectVersionsPaginator(client, &s3.ListObjectVersionsInput{Bucket: &bucket})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("list the CDK's assets: %w", err)
		}
		var objects []s3types.ObjectIdentifier
		for _, v := range page.Versions {
			objects = append(objects, s3types.ObjectIdentifier{Key: v.Key, VersionId: v.VersionId})
		}
		for _, m := range page.DeleteMarkers {
			objects = append(objects, s3types.ObjectIdentifier{Key: m.Key, VersionId: m.VersionId})
		}
		if len(objects) == 0 {
			continue
		}
		if _, err := client.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: &bucket, Delete: &s3types.Delete{Objects: objects}}); err != nil {
			return fmt.Errorf("delete the CDK's assets: %w", err)
		}
	}
	if _, err := client.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: &bucket}); err != nil {
		return fmt.Errorf("delete the CDK's bucket %s: %w", bucket, err)
	}
	return nil
}
