package vodstack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/vodstack/vodstack/infra/config"
)

// removal is what happens to stateful resources when the stack is deleted.
func removal(cfg config.Config) awscdk.RemovalPolicy {
	if cfg.Retain {
		return awscdk.RemovalPolicy_RETAIN
	}
	return awscdk.RemovalPolicy_DESTROY
}

// pinned gives a construct's resource a logical id that doesn't follow from
// where the construct stands: CloudFormation replaces a resource whose id
// changes, and with a bucket or table everything in it.
func pinned[C constructs.IConstruct](c C, id string) C {
	resource(c).OverrideLogicalId(new(id))
	return c
}

// resource is the CloudFormation resource that a construct stands for.
func resource(c constructs.IConstruct) awscdk.CfnResource {
	if cfn, ok := any(c).(awscdk.CfnResource); ok {
		return cfn
	}
	return c.Node().DefaultChild().(awscdk.CfnResource)
}

// An exception is a rule of cdk-nag that a resource doesn't keep, with the
// reason that it is right so.
type exception struct{ rule, reason string }

// accept writes exceptions beside their resource, into its metadata, in the
// format that cdk-nag reads. Call it once per resource.
func accept(c constructs.IConstruct, exceptions ...exception) {
	rules := make([]any, len(exceptions))
	for i, e := range exceptions {
		rules[i] = map[string]any{"id": e.rule, "reason": e.reason}
	}
	resource(c).AddMetadata(new("cdk_nag"), map[string]any{"rules_to_suppress": rules})
}

// twiceDependent says that CDK's own DependsOn is known to be redundant.
func twiceDependent(c constructs.IConstruct) {
	resource(c).AddMetadata(new("cfn-lint"), map[string]any{"config": map[string]any{
		"ignore_checks": []string{"W3005"},
		"reason":        "CDK waits for the role and its policy together; only the policy needs the DependsOn.",
	}})
}

func days(n int) awscdk.Duration    { return awscdk.Duration_Days(jsii.Number(n)) }
func minutes(n int) awscdk.Duration { return awscdk.Duration_Minutes(jsii.Number(n)) }
func seconds(n int) awscdk.Duration { return awscdk.Duration_Seconds(jsii.Number(n)) }
