// Package simulation plays a burst of uploads against the quotas of AWS, with
// the retry settings that the deployed template has: nothing on one machine
// throttles.
package simulation

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// A retrier is one of a state's, in Amazon States Language.
type retrier struct {
	ErrorEquals     []string
	IntervalSeconds float64
	BackoffRate     float64
	MaxAttempts     int
	MaxDelaySeconds float64
	JitterStrategy  string
}

// A state is a task of the state machine.
type state struct {
	TimeoutSeconds float64
	Retry          []retrier
}

// settings are what the template says about waiting and trying again.
type settings struct {
	states map[string]*state
	// The queue in front of ingest, and how it is worked off.
	batch, atOnce, maxReceives int
	visibility, retention      float64 // seconds
	queueDeadline              float64 // seconds, from the job's submission
}

type resource struct {
	Type       string
	Properties map[string]any
}

// readSettings reads a synthesized template.
func readSettings(path string) (settings, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return settings{}, err
	}
	var template struct{ Resources map[string]resource }
	if err := json.Unmarshal(text, &template); err != nil {
		return settings{}, fmt.Errorf("read %s: %w", path, err)
	}
	s := settings{states: map[string]*state{}}
	err = errors.Join(s.readMachine(template.Resources), s.readQueue(template.Resources), s.readDeadline(template.Resources))
	return s, err
}

func (s *settings) readMachine(resources map[string]resource) error {
	for _, r := range resources {
		if r.Type != "AWS::StepFunctions::StateMachine" {
			continue
		}
		var machine struct{ States map[string]*state }
		if err := json.Unmarshal([]byte(joined(r.Properties["DefinitionString"])), &machine); err != nil {
			return fmt.Errorf("read the state machine: %w", err)
		}
		s.states = machine.States
	}
	for _, name := range []string{"Plan", "Encode", "Publish"} {
		if s.states[name] == nil {
			return fmt.Errorf("the state machine has no state %s", name)
		}
	}
	return nil
}

// readQueue finds what feeds ingest.
func (s *settings) readQueue(resources map[string]resource) error {
	for _, mapping := range resources {
		if mapping.Type != "AWS::Lambda::EventSourceMapping" || !strings.HasPrefix(target(mapping.Properties["FunctionName"]), "Ingest") {
			continue
		}
		queue := resources[target(mapping.Properties["EventSourceArn"])]
		if queue.Type != "AWS::SQS::Queue" {
			return errors.New("ingest is not fed by a queue")
		}
		s.batch = int(number(mapping.Properties["BatchSize"]))
		scaling, _ := mapping.Properties["ScalingConfig"].(map[string]any)
		s.atOnce = int(number(scaling["MaximumConcurrency"]))
		redrive, _ := queue.Properties["RedrivePolicy"].(map[string]any)
		s.maxReceives = int(number(redrive["maxReceiveCount"]))
		s.visibility = number(queue.Properties["VisibilityTimeout"])
		s.retention = number(queue.Properties["MessageRetentionPeriod"])
		if s.batch < 1 || s.atOnce < 1 || s.maxReceives < 1 || s.visibility < 1 || s.retention < 1 {
			return fmt.Errorf("the feed of ingest is incomplete: %+v", *s)
		}
		return nil
	}
	return errors.New("ingest is not fed by an event source mapping")
}

func (s *settings) readDeadline(resources map[string]resource) error {
	for id, r := range resources {
		if r.Type == "AWS::Lambda::Function" && strings.HasPrefix(id, "Encode") {
			environment, _ := r.Properties["Environment"].(map[string]any)
			variables, _ := environment["Variables"].(map[string]any)
			minutes, err := strconv.Atoi(fmt.Sprint(variables["QUEUE_DEADLINE_MINUTES"]))
			if err != nil {
				return fmt.Errorf("read QUEUE_DEADLINE_MINUTES: %w", err)
			}
			s.queueDeadline = 60 * float64(minutes)
			return nil
		}
	}
	return errors.New("there is no function encode")
}

// joined is the text of a Fn::Join; what only a deploy knows is left out.
func joined(value any) string {
	if text, ok := value.(string); ok {
		return text
	}
	object, _ := value.(map[string]any)
	arguments, _ := object["Fn::Join"].([]any)
	if len(arguments) != 2 {
		return ""
	}
	parts, _ := arguments[1].([]any)
	var text strings.Builder
	for _, part := range parts {
		text.WriteString(joined(part))
	}
	return text.String()
}

// target is the logical id in a Ref or Fn::GetAtt.
func target(value any) string {
	object, _ := value.(map[string]any)
	if id, ok := object["Ref"].(string); ok {
		return id
	}
	arguments, _ := object["Fn::GetAtt"].([]any)
	if len(arguments) == 0 {
		return ""
	}
	id, _ := arguments[0].(string)
	return id
}

func number(value any) float64 {
	n, _ := value.(float64)
	return n
}
