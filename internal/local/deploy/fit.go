// Package deploy brings the stack onto one machine: it synthesizes it with
// the real CDK command line, fits the template to what the control plane
// can do, deploys it, and makes its buckets in the object store.
package deploy

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// refused are the resource types that the control plane does not take.
var refused = map[string]bool{
	"AWS::Budgets::Budget":                    true,
	"AWS::CloudFront::KeyGroup":               true,
	"AWS::CloudFront::MonitoringSubscription": true,
	"AWS::CloudFront::PublicKey":              true,
	"AWS::CloudWatch::CompositeAlarm":         true,
	"AWS::Events::Archive":                    true,
	"AWS::Events::Connection":                 true,
	"AWS::StepFunctions::StateMachineAlias":   true,
	"AWS::StepFunctions::StateMachineVersion": true,
	"AWS::WAFv2::WebACLAssociation":           true,
}

// refusedServices are those of which it takes no resource at all.
var refusedServices = []string{"AWS::MediaConvert::", "AWS::MediaPackage::", "AWS::MediaPackageV2::"}

// LeftOut is a part of the template that this machine does without.
type LeftOut struct {
	LogicalID string `json:"logicalId"`
	Type      string `json:"type"`
	Why       string `json:"why"`
}

func (l LeftOut) String() string { return fmt.Sprintf("%s (%s): %s", l.LogicalID, l.Type, l.Why) }

// Fit returns the template as this machine can deploy it, and what it left
// out.
func Fit(template []byte) ([]byte, []LeftOut, error) {
	var t map[string]any
	if err := json.Unmarshal(template, &t); err != nil {
		return nil, nil, fmt.Errorf("template is not JSON: %w", err)
	}
	resources, ok := t["Resources"].(map[string]any)
	if !ok {
		return nil, nil, fmt.Errorf("template has no resources")
	}
	f := fitting{dropped: map[string]bool{}}
	left := f.drop(resources)
	for _, id := range slices.Sorted(maps.Keys(resources)) {
		left = append(left, f.fitResource(id, resources[id])...)
	}
	left = append(left, f.fitOutputs(t)...)
	out, err := json.MarshalIndent(t, "", " ")
	if err != nil {
		return nil, nil, fmt.Errorf("fitted template: %w", err)
	}
	return out, left, nil
}

// fitting knows which resources are gone.
type fitting struct{ dropped map[string]bool }

// drop takes the refused resources out.
func (f fitting) drop(resources map[string]any) []LeftOut {
	var left []LeftOut
	for _, id := range slices.Sorted(maps.Keys(resources)) {
		resource, _ := resources[id].(map[string]any)
		kind, _ := resource["Type"].(string)
		why := whyRefused(kind, resource)
		if why == "" {
			continue
		}
		f.dropped[id] = true
		delete(resources, id)
		left = append(left, LeftOut{id, kind, why})
	}
	return left
}

func whyRefused(kind string, resource map[string]any) string {
	if refused[kind] || slices.ContainsFunc(refusedServices, func(s string) bool { return strings.HasPrefix(kind, s) }) {
		return "the control plane has no such resource"
	}
	properties, _ := resource["Properties"].(map[string]any)
	if _, math := properties["Metrics"]; math && kind == "AWS::CloudWatch::Alarm" {
		return "the control plane has no metric math"
	}
	return ""
}

// fitResource takes what refers to dropped resources out of one that stays.
func (f fitting) fitResource(id string, value any) []LeftOut {
	resource, _ := value.(map[string]any)
	kind, _ := resource["Type"].(string)
	f.fitDependsOn(resource)
	var left []LeftOut
	for _, part := range []string{"Properties", "Metadata"} {
		if _, ok := resource[part]; !ok {
			continue
		}
		var gone []string
		fitted, keep := f.prune(resource[part], part, &gone)
		if !keep {
			fitted = map[string]any{}
		}
		resource[part] = fitted
		for _, path := range gone {
			left = append(left, LeftOut{id, kind, path + " refers to a part that is left out"})
		}
	}
	if kind == "AWS::ApiGatewayV2::Api" {
		fitCORS(resource)
	}
	return left
}

func (f fitting) fitDependsOn(resource map[string]any) {
	switch on := resource["DependsOn"].(type) {
	case string:
		if f.dropped[on] {
			delete(resource, "DependsOn")
		}
	case []any:
		on = slices.DeleteFunc(on, func(id any) bool { s, _ := id.(string); return f.dropped[s] })
		if resource["DependsOn"] = on; len(on) == 0 {
			delete(resource, "DependsOn")
		}
	}
}

func (f fitting) fitOutputs(t map[string]any) []LeftOut {
	outputs, _ := t["Outputs"].(map[string]any)
	var left []LeftOut
	for _, id := range slices.Sorted(maps.Keys(outputs)) {
		if f.refersToDropped(outputs[id]) {
			delete(outputs, id)
			left = append(left, LeftOut{id, "output", "it refers to a part that is left out"})
		}
	}
	return left
}

// prune returns the value without references to dropped resources, and
// whether anything of it is left. Inside a text that is put together, the
// resource's id stands for what it would have been.
func (f fitting) prune(value any, path string, gone *[]string) (any, bool) {
	switch v := value.(type) {
	case map[string]any:
		if f.refersDirectly(v) {
			*gone = append(*gone, path)
			return nil, false
		}
		if len(v) == 1 && (v["Fn::Join"] != nil || v["Fn::Sub"] != nil) {
			return f.inText(v), true
		}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			fitted, keep := f.prune(v[key], path+"/"+key, gone)
			if v[key] = fitted; !keep {
				delete(v, key)
			}
		}
		return v, true
	case []any:
		kept := []any{}
		for i, item := range v {
			if fitted, keep := f.prune(item, fmt.Sprintf("%s/%d", path, i), gone); keep {
				kept = append(kept, fitted)
			}
		}
		return kept, true
	default:
		return value, true
	}
}

// inText replaces references by the id they refer to.
func (f fitting) inText(value any) any {
	switch v := value.(type) {
	case map[string]any:
		if f.refersDirectly(v) {
			return referred(v)
		}
		for key := range v {
			v[key] = f.inText(v[key])
		}
	case []any:
		for i := range v {
			v[i] = f.inText(v[i])
		}
	case string:
		for id := range f.dropped {
			v = strings.ReplaceAll(v, "${"+id+"}", id)
		}
		return v
	}
	return value
}

func (f fitting) refersDirectly(v map[string]any) bool {
	return len(v) == 1 && f.dropped[referred(v)]
}

// referred is the logical id in a Ref or GetAtt, or empty.
func referred(v map[string]any) string {
	if id, ok := v["Ref"].(string); ok {
		return id
	}
	switch at := v["Fn::GetAtt"].(type) {
	case []any:
		if len(at) > 0 {
			id, _ := at[0].(string)
			return id
		}
	case string:
		id, _, _ := strings.Cut(at, ".")
		return id
	}
	return ""
}

func (f fitting) refersToDropped(value any) bool {
	switch v := value.(type) {
	case map[string]any:
		if f.refersDirectly(v) {
			return true
		}
		for _, inner := range v {
			if f.refersToDropped(inner) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(v, f.refersToDropped)
	}
	return false
}

// fitCORS spells the keys of an HTTP API's CORS settings as the control
// plane reads them.
func fitCORS(resource map[string]any) {
	properties, _ := resource["Properties"].(map[string]any)
	cors, ok := properties["CorsConfiguration"].(map[string]any)
	if !ok {
		return
	}
	camel := map[string]any{}
	for key, value := range cors {
		first, size := utf8.DecodeRuneInString(key)
		camel[string(unicode.ToLower(first))+key[size:]] = value
	}
	properties["CorsConfiguration"] = camel
}
