package events

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
)

const (
	// rulesAge is how long a list of rules is used again, so that a burst
	// does not ask for it with every event.
	rulesAge = time.Second

	// EventBridge's defaults, and its most.
	defaultRetries = 185
	defaultMaxAge  = 24 * time.Hour
)

// Rules routes events by the rules on the default bus of the control plane.
type Rules struct {
	Client *eventbridge.Client

	mu    sync.Mutex
	rules []types.Rule
	at    time.Time
}

// Route returns the targets of every enabled rule that matches.
func (r *Rules) Route(ctx context.Context, event []byte) ([]Target, error) {
	rules, err := r.list(ctx)
	if err != nil {
		return nil, err
	}
	var head struct{ Source string }
	if err := json.Unmarshal(event, &head); err != nil {
		return nil, fmt.Errorf("event is not JSON: %w", err)
	}
	var targets []Target
	for _, rule := range rules {
		if !mayMatch(rule, head.Source) {
			continue
		}
		matched, err := r.targets(ctx, rule, event)
		if err != nil {
			return nil, err
		}
		targets = append(targets, matched...)
	}
	return targets, nil
}

// mayMatch spares the question to the control plane when the rule is off
// or names other sources.
func mayMatch(rule types.Rule, source string) bool {
	if rule.State == types.RuleStateDisabled || aws.ToString(rule.EventPattern) == "" {
		return false
	}
	var pattern struct{ Source []any }
	if json.Unmarshal([]byte(*rule.EventPattern), &pattern) != nil || len(pattern.Source) == 0 {
		return true
	}
	return slices.ContainsFunc(pattern.Source, func(s any) bool {
		text, plain := s.(string)
		return !plain || text == source
	})
}

func (r *Rules) list(ctx context.Context) ([]types.Rule, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if time.Since(r.at) < rulesAge {
		return r.rules, nil
	}
	var rules []types.Rule
	in := &eventbridge.ListRulesInput{}
	for {
		out, err := r.Client.ListRules(ctx, in)
		if err != nil {
			return nil, fmt.Errorf("list rules: %w", err)
		}
		rules = append(rules, out.Rules...)
		if in.NextToken = out.NextToken; in.NextToken == nil {
			break
		}
	}
	r.rules, r.at = rules, time.Now()
	return rules, nil
}

// targets asks the control plane whether the rule matches, and where it
// sends to.
func (r *Rules) targets(ctx context.Context, rule types.Rule, event []byte) ([]Target, error) {
	text := string(event)
	test, err := r.Client.TestEventPattern(ctx, &eventbridge.TestEventPatternInput{Event: &text, EventPattern: rule.EventPattern})
	if err != nil {
		return nil, fmt.Errorf("test rule %s: %w", aws.ToString(rule.Name), err)
	}
	if !test.Result {
		return nil, nil
	}
	out, err := r.Client.ListTargetsByRule(ctx, &eventbridge.ListTargetsByRuleInput{Rule: rule.Name})
	if err != nil {
		return nil, fmt.Errorf("list targets of rule %s: %w", aws.ToString(rule.Name), err)
	}
	targets := make([]Target, len(out.Targets))
	for i, t := range out.Targets {
		targets[i] = newTarget(aws.ToString(rule.Arn), t)
	}
	return targets, nil
}

func newTarget(rule string, t types.Target) Target {
	target := Target{
		Rule: rule, ID: aws.ToString(t.Id), ARN: aws.ToString(t.Arn), Input: aws.ToString(t.Input),
		Retries: defaultRetries, MaxAge: defaultMaxAge,
	}
	if t.DeadLetterConfig != nil {
		target.DeadLetter = aws.ToString(t.DeadLetterConfig.Arn)
	}
	if p := t.RetryPolicy; p != nil {
		if p.MaximumRetryAttempts != nil {
			target.Retries = int(*p.MaximumRetryAttempts)
		}
		if p.MaximumEventAgeInSeconds != nil {
			target.MaxAge = time.Duration(*p.MaximumEventAgeInSeconds) * time.Second
		}
	}
	return target
}
