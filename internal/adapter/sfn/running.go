package sfn

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/vodstack/vodstack/internal/adapter/awsbase"
)

// Running tells whether there is an execution of that name that has not
// ended.
func (m *Machine) Running(ctx context.Context, name string) (bool, error) {
	arn := strings.Replace(m.ARN, ":stateMachine:", ":execution:", 1) + ":" + name
	out, err := m.Client.DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: &arn})
	var unknown *types.ExecutionDoesNotExist
	if errors.As(err, &unknown) {
		return false, nil
	}
	if err != nil {
		return false, awsbase.Explain(err)
	}
	return out.Status == types.ExecutionStatusRunning || out.Status == types.ExecutionStatusPendingRedrive, nil
}
