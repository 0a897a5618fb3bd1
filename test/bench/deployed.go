package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/vodstack/vodstack/test/rig"
)

// deployment is what the template deploys a function with.
type deployment struct {
	memory int // MB
	env    []string
}

// deployments reads the golden template, whose settings follow the stack's
// code: a variable or a size that changes there changes here.
func deployments() (map[string]deployment, error) {
	root, err := rig.Root()
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(filepath.Join(root, "infra", "vodstack", "testdata", "template.golden.json"))
	if err != nil {
		return nil, err
	}
	var template struct {
		Resources map[string]struct {
			Type       string
			Properties struct {
				MemorySize  int
				Environment struct{ Variables map[string]any }
			}
		}
	}
	if err := json.Unmarshal(text, &template); err != nil {
		return nil, fmt.Errorf("read the golden template: %w", err)
	}
	all := map[string]deployment{}
	for id, resource := range template.Resources {
		name, ok := strings.CutSuffix(id, "Function")
		if !ok || resource.Type != "AWS::Lambda::Function" {
			continue
		}
		d := deployment{memory: resource.Properties.MemorySize}
		for variable, value := range resource.Properties.Environment.Variables {
			d.env = append(d.env, variable+"="+resolved(value))
		}
		all[strings.ToLower(name)] = d
	}
	return all, nil
}

// resolved is the value of a variable: a name that is lower case, as the names
// of buckets are, for what CloudFormation would fill in.
func resolved(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case map[string]any:
		for _, of := range v {
			return strings.ToLower(fmt.Sprint(resolved(of)))
		}
	case []any:
		return resolved(v[0])
	}
	return fmt.Sprint(value)
}
