package deploy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"github.com/vodstack/vodstack/internal/local/objectstore"
)

// Deployment brings a stack onto a machine whose engine runs.
type Deployment struct {
	Root  string // the repository
	Home  string // the machine's state
	Stack string
	// Inputs are the files and folders that the deploy is made from.
	Inputs []string
	CDK    string // command line
	// Context are the -c settings, as key=value.
	Context []string

	Region       string
	Account      string
	AccessKey    string
	SecretKey    string
	ControlPlane string // URL
	Store        string // URL
	// LogFile takes what the command line prints.
	LogFile string
	// Say is told what goes on.
	Say func(string)
}

// Run deploys, unless exactly this is deployed, and returns the stack.
func (d *Deployment) Run(ctx context.Context) (Stack, error) {
	inputs, err := hashInputs(d.Inputs, append([]string{d.Stack, d.Region}, d.Context...))
	if err != nil {
		return Stack{}, fmt.Errorf("deploy: %w", err)
	}
	last, deployed, err := Load(d.Home, d.Stack)
	if err != nil {
		return Stack{}, err
	}
	if deployed && last.Inputs == inputs && d.isThere(ctx, last) {
		return last, nil
	}
	stack, err := d.deploy(ctx)
	if err != nil {
		return Stack{}, err
	}
	stack.Inputs = inputs
	if err := stack.save(d.Home); err != nil {
		return Stack{}, fmt.Errorf("remember the deploy: %w", err)
	}
	return stack, nil
}

func (d *Deployment) deploy(ctx context.Context) (Stack, error) {
	stack := Stack{Name: d.Stack, Context: d.Context}
	d.Say("making the template")
	out := assembly{dir: filepath.Join(d.Home, "cdk.out", d.Stack), stack: d.Stack}
	if err := d.synthesize(ctx, out.dir); err != nil {
		return stack, err
	}
	original, err := out.template()
	if err != nil {
		return stack, fmt.Errorf("synthesized template: %w", err)
	}
	fitted, left, err := Fit(original)
	if err != nil {
		return stack, err
	}
	stack.LeftOut = left
	if err := out.replaceTemplate(fitted); err != nil {
		return stack, err
	}
	if err := d.bootstrap(ctx, out.dir); err != nil {
		return stack, err
	}
	d.Say("deploying the stack " + d.Stack)
	// By force: CloudFormation has the template of an update that was cut off.
	if err := d.cdk(ctx, "deploy", "--app", out.dir, "--require-approval", "never", "--force", d.Stack); err != nil {
		return stack, err
	}
	if err := d.finish(ctx, &stack, original); err != nil {
		return stack, err
	}
	return stack, d.missing(ctx)
}

// synthesize writes the cloud assembly into dir.
func (d *Deployment) synthesize(ctx context.Context, dir string) error {
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("old cloud assembly: %w", err)
	}
	// What the app is made of is built already.
	args := []string{"synth", "--quiet", "--build", "true", "--output", dir}
	for _, c := range d.Context {
		args = append(args, "-c", c)
	}
	return d.cdk(ctx, append(args, d.Stack)...)
}

// bootstrap makes the CDK's own stack, where it is missing. An assembly that
// is there saves it from making one.
func (d *Deployment) bootstrap(ctx context.Context, app string) error {
	toolkit, err := d.describe(ctx, toolkitStack)
	if err == nil && deployed(toolkit) {
		return nil
	}
	d.Say("preparing the account for the CDK, once")
	if err := d.clearToolkit(ctx, err == nil); err != nil {
		return err
	}
	return d.cdk(ctx, "bootstrap", "--app", app, fmt.Sprintf("aws://%s/%s", d.Account, d.Region))
}

// finish reads what the deploy made, and makes the buckets.
func (d *Deployment) finish(ctx context.Context, stack *Stack, original []byte) error {
	var t template
	if err := json.Unmarshal(original, &t); err != nil {
		return fmt.Errorf("synthesized template: %w", err)
	}
	described, err := d.describe(ctx, d.Stack)
	if err != nil {
		return err
	}
	stack.Outputs = map[string]string{}
	for _, o := range described.Outputs {
		stack.Outputs[aws.ToString(o.OutputKey)] = aws.ToString(o.OutputValue)
	}
	resources, err := d.cloudFormation().DescribeStackResources(ctx, &cloudformation.DescribeStackResourcesInput{StackName: &d.Stack})
	if err != nil {
		return fmt.Errorf("resources of stack %s: %w", d.Stack, err)
	}
	ids := names(resources.StackResources, func(r types.StackResource) (*string, *string) {
		return r.LogicalResourceId, r.PhysicalResourceId
	})
	stack.API = t.api(ids)
	if stack.Buckets, err = t.buckets(ids); err != nil {
		return err
	}
	if stack.Origin, err = t.origin(stack.Outputs["Destination"]); err != nil {
		return err
	}
	return d.prepareBuckets(ctx, stack.Buckets)
}

func (d *Deployment) prepareBuckets(ctx context.Context, buckets []objectstore.Bucket) error {
	client := d.store()
	for _, b := range buckets {
		if err := objectstore.PrepareBucket(ctx, client, b); err != nil {
			return err
		}
	}
	return nil
}

// isThere asks both sides whether they still hold what was deployed.
func (d *Deployment) isThere(ctx context.Context, last Stack) bool {
	described, err := d.describe(ctx, d.Stack)
	if err != nil || !deployed(described) || d.missing(ctx) != nil {
		return false
	}
	client := d.store()
	for _, b := range last.Buckets {
		if _, err := client.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &b.Name}); err != nil {
			return false
		}
	}
	return true
}

func (d *Deployment) describe(ctx context.Context, stack string) (types.Stack, error) {
	out, err := d.cloudFormation().DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &stack})
	if err != nil {
		var api smithy.APIError
		if errors.As(err, &api) {
			return types.Stack{}, fmt.Errorf("stack %s: %s", stack, api.ErrorMessage())
		}
		return types.Stack{}, fmt.Errorf("stack %s: %w", stack, err)
	}
	if len(out.Stacks) == 0 {
		return types.Stack{}, fmt.Errorf("stack %s: there is none", stack)
	}
	return out.Stacks[0], nil
}

func (d *Deployment) cloudFormation() *cloudformation.Client {
	return cloudformation.New(cloudformation.Options{
		BaseEndpoint: &d.ControlPlane, Region: d.Region,
		Credentials: credentials.NewStaticCredentialsProvider(d.AccessKey, d.SecretKey, ""),
	})
}

func (d *Deployment) store() *s3.Client {
	return objectstore.Client(d.Store, d.Region, d.AccessKey, d.SecretKey)
}
