package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vodstack/vodstack/internal/workflow"
)

// byStage is what the documentation shows for a default that depends on the
// stage.
const byStage = "by stage"

// Load reads the configuration from CDK context: defaults, overlaid by
// cdk.json, overlaid by -c. The error lists every problem, a line each.
//
// CDK's own context (feature flags, lookups) is told apart by an @ or a
// colon in the key, which no key of ours has.
func Load(context map[string]any) (Config, error) {
	problems := unknown(context)
	c := Config{}
	c.Encoding.InputRotate = "AUTO"
	for _, k := range keys {
		problems = append(problems, k.load(&c, context))
	}
	if raw := context["removalPolicy"]; raw == nil || raw == "" {
		c.Retain = c.Stage == Prod
	}
	problems = append(problems, c.together()...)
	if err := errors.Join(problems...); err != nil {
		return Config{}, fmt.Errorf("configuration (cdk.json, or -c key=value):\n%w", err)
	}
	return c, nil
}

// load sets one key. An empty string is the same as not setting it, so that
// -c adminEmail= takes back what cdk.json says.
func (k key) load(c *Config, context map[string]any) error {
	raw, set := context[k.name]
	if !set || raw == "" || raw == nil {
		if k.fallback == "" || k.fallback == byStage {
			return nil
		}
		raw = k.fallback
	}
	if k.set(c, value{raw}) != nil {
		return refusal(k.name, raw, k.allowed)
	}
	return nil
}

// refusal names the key, the value and what is allowed.
func refusal(name string, raw any, allowed string) error {
	shown, err := json.Marshal(raw)
	if err != nil {
		shown = fmt.Append(nil, raw)
	}
	return fmt.Errorf("  %s: %s is not allowed; allowed: %s", name, shown, allowed)
}

// together checks what no key can see alone.
func (c Config) together() []error {
	var problems []error
	if c.DomainName != "" && c.CertificateARN == "" {
		problems = append(problems, fmt.Errorf("  domainName: %q needs a certificateArn; allowed: both, or neither", c.DomainName))
	}
	if c.DomainName == "" && c.CertificateARN != "" {
		problems = append(problems, fmt.Errorf("  certificateArn: %q needs a domainName; allowed: both, or neither", c.CertificateARN))
	}
	if c.Stage != Local && strings.HasPrefix(c.DeliveryBaseURL, "http:") {
		problems = append(problems, fmt.Errorf("  deliveryBaseUrl: %q is not allowed in stage %s; allowed: https://HOST", c.DeliveryBaseURL, c.Stage))
	}
	problems = append(problems, c.apiTogether()...)
	return append(problems, c.checkTogether())
}

// checkTogether checks the interval at which the state machine looks after an
// encode: all checks together have to last until both deadlines, and one check
// mustn't come after the encode's.
func (c Config) checkTogether() error {
	const checks = workflow.EncodeChecks
	wait := 60 * (c.EncodeDeadlineMinutes + c.QueueDeadlineMinutes)
	low, high := (wait+checks-1)/checks, 60*c.EncodeDeadlineMinutes
	switch {
	case high == 0 || c.QueueDeadlineMinutes == 0:
		return nil // one of them is refused already
	case low > high:
		return fmt.Errorf("  encodeDeadlineMinutes: %d doesn't go with queueDeadlineMinutes %d; allowed: %d or more, or a queueDeadlineMinutes of %d or less",
			c.EncodeDeadlineMinutes, c.QueueDeadlineMinutes, (c.QueueDeadlineMinutes+checks-2)/(checks-1), c.EncodeDeadlineMinutes*(checks-1))
	case c.EncodeCheckSeconds < low || c.EncodeCheckSeconds > high:
		return fmt.Errorf("  encodeCheckSeconds: %d doesn't go with encodeDeadlineMinutes %d and queueDeadlineMinutes %d; allowed: %d to %d",
			c.EncodeCheckSeconds, c.EncodeDeadlineMinutes, c.QueueDeadlineMinutes, low, high)
	}
	return nil
}

// unknown refuses keys that nobody reads, since a misspelled key would
// otherwise be silently without effect.
func unknown(context map[string]any) []error {
	var problems []error
	for _, name := range slices.Sorted(maps.Keys(context)) {
		if strings.ContainsAny(name, "@:") || slices.Contains(Names(), name) {
			continue
		}
		problems = append(problems, fmt.Errorf("  %s: no such key%s", name, didYouMean(name)))
	}
	return problems
}

// Names are all keys, in the order of the documentation.
func Names() []string {
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = k.name
	}
	return names
}
