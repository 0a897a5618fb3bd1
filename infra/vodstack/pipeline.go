package vodstack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/jsii-runtime-go"

	"github.com/vodstack/vodstack/infra/config"
	"github.com/vodstack/vodstack/internal/workflow"
)

// pipeline is the state machine that every video goes through.
type pipeline struct {
	machine awsstepfunctions.StateMachine
}

// newPipeline makes the state machine from internal/workflow's file. Its log
// has every state, but not what goes in and out: a task token in a log would
// let its reader complete the task.
func newPipeline(stack awscdk.Stack, cfg config.Config, run functions) (pipeline, error) {
	definition, err := workflow.Definition(workflow.Params{
		PlanArn:            *run.plan.lambda.FunctionArn(),
		EncodeArn:          *run.encode.lambda.FunctionArn(),
		PublishArn:         *run.publish.lambda.FunctionArn(),
		FailArn:            *run.fail.lambda.FunctionArn(),
		Partition:          *stack.Partition(),
		EncodeCheckSeconds: cfg.EncodeCheckSeconds,
	})
	if err != nil {
		return pipeline{}, err
	}
	role := awsiam.NewRole(stack, new("PipelineRole"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(new("states.amazonaws.com"), &awsiam.ServicePrincipalOpts{
			Conditions: &map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": stack.Account()}},
		}),
	})
	role.AddToPolicy(allow(on(
		run.plan.lambda.FunctionArn(), run.encode.lambda.FunctionArn(),
		run.publish.lambda.FunctionArn(), run.fail.lambda.FunctionArn(),
	), "lambda:InvokeFunction"))
	machine := awsstepfunctions.NewStateMachine(stack, new("Pipeline"), &awsstepfunctions.StateMachineProps{
		DefinitionBody:   awsstepfunctions.DefinitionBody_FromString(new(definition)),
		StateMachineType: awsstepfunctions.StateMachineType_STANDARD,
		Role:             role,
		TracingEnabled:   new(true),
		Logs: &awsstepfunctions.LogOptions{
			Destination:          pipelineLogs(stack, cfg),
			Level:                awsstepfunctions.LogLevel_ALL,
			IncludeExecutionData: new(false),
		},
	})
	twiceDependent(pinned(machine, "PipelineStateMachine"))
	acceptPolicy(role, "X-Ray and the delivery of logs know no resources.")
	return pipeline{machine}, nil
}

// pipelineLogs has a name that begins with /aws/vendedlogs/: every other
// group adds its name to a policy of the account that ends at 5,120
// characters. The deployment's id keeps the name from being in the way.
func pipelineLogs(stack awscdk.Stack, cfg config.Config) awslogs.LogGroup {
	name := awscdk.Fn_Join(new("-"), &[]*string{new("/aws/vendedlogs/states/" + cfg.StackName), deploymentID(stack)})
	return newLogGroup(stack, cfg, "PipelineLogs", name)
}

// deploymentID is the UUID in the stack's own id: it stays with the stack as
// long as that lives, and no other stack has it.
func deploymentID(stack awscdk.Stack) *string {
	return awscdk.Fn_Select(jsii.Number(2), awscdk.Fn_Split(new("/"), stack.StackId(), nil))
}
