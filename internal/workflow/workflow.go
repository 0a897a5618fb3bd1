// Package workflow holds the state machine: a data file, so that a change of
// the workflow shows in a diff of the template.
package workflow

import (
	_ "embed"
	"errors"
	"fmt"
	"strings"
)

//go:embed pipeline.asl.json
var pipeline string

// checkInterval is the line of the file that Params.EncodeCheckSeconds
// replaces. The file is a valid definition as it stands, so that tools can
// read it; only this number, the partition and the four names of functions are
// filled in.
const checkInterval = `"TimeoutSeconds": 900`

// integrations is what the names of Step Functions' own integrations begin
// with in the file, where Params.Partition replaces the partition: a
// placeholder in its place is no valid name for asl-validator.
const integrations = "arn:aws:states:::"

// EncodeChecks is how often the definition has Encode look how a job is
// doing, one check interval after the other, before the execution fails. What
// the checks last has to cover both deadlines of a job.
const EncodeChecks = 2500

// Params are what the definition needs to know of the stack.
type Params struct {
	// The functions' ARNs. They may be tokens that are resolved later,
	// so they are only ever substituted as text.
	PlanArn, EncodeArn, PublishArn, FailArn string
	// Partition is the second part of the ARNs of Step Functions' own
	// integrations: aws, or a token.
	Partition string
	// EncodeCheckSeconds is how long Encode waits for the encoder before it
	// looks itself how the job is doing.
	EncodeCheckSeconds int
}

// Definition is the state machine's definition in Amazon States Language.
// The same parameters give the same bytes.
func Definition(p Params) (string, error) {
	if err := p.check(); err != nil {
		return "", fmt.Errorf("define state machine: %w", err)
	}
	return strings.NewReplacer(
		integrations, "arn:"+p.Partition+":states:::",
		"${PlanArn}", p.PlanArn,
		"${EncodeArn}", p.EncodeArn,
		"${PublishArn}", p.PublishArn,
		"${FailArn}", p.FailArn,
		checkInterval, fmt.Sprintf(`"TimeoutSeconds": %d`, p.EncodeCheckSeconds),
	).Replace(pipeline), nil
}

func (p Params) check() error {
	for _, name := range []struct{ name, value string }{
		{"Partition", p.Partition}, {"PlanArn", p.PlanArn}, {"EncodeArn", p.EncodeArn}, {"PublishArn", p.PublishArn}, {"FailArn", p.FailArn},
	} {
		if name.value == "" {
			return errors.New(name.name + " is empty")
		}
	}
	// 99,999,999 s is the largest value Step Functions takes.
	if p.EncodeCheckSeconds < 1 || p.EncodeCheckSeconds > 99_999_999 {
		return fmt.Errorf("EncodeCheckSeconds is %d; 1 to 99999999 is allowed", p.EncodeCheckSeconds)
	}
	return nil
}
