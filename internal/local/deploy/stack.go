package deploy

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/vodstack/vodstack/internal/local/delivery"
	"github.com/vodstack/vodstack/internal/local/objectstore"
)

// Stack is what the machine remembers of a deploy.
type Stack struct {
	Name string `json:"name"`
	// Inputs is a hash of everything that the deploy was made from.
	Inputs  string               `json:"inputs"`
	Context []string             `json:"context"` // settings, as key=value
	Outputs map[string]string    `json:"outputs"`
	Buckets []objectstore.Bucket `json:"buckets"`
	Origin  delivery.Origin      `json:"origin"`
	// API is the id of the stack's HTTP API; empty where the deploy is older
	// than that.
	API     string    `json:"api,omitempty"`
	LeftOut []LeftOut `json:"leftOut"`
}

// Setting is what the deploy was told for a key, empty where it was not.
func (s Stack) Setting(key string) string {
	for _, setting := range slices.Backward(s.Context) {
		if name, value, ok := strings.Cut(setting, "="); ok && name == key {
			return value
		}
	}
	return ""
}

func stackFile(home, name string) string {
	return filepath.Join(home, "stacks", name+".json")
}

// Load reads what the last deploy of a stack into home left; false when
// there was none.
func Load(home, name string) (Stack, bool, error) {
	var s Stack
	data, err := os.ReadFile(stackFile(home, name))
	if errors.Is(err, fs.ErrNotExist) {
		return s, false, nil
	}
	if err != nil {
		return s, false, fmt.Errorf("last deploy: %w", err)
	}
	if err := json.Unmarshal(data, &s); err != nil {
		return s, false, fmt.Errorf("last deploy: %s: %w", stackFile(home, name), err)
	}
	return s, true, nil
}

// LoadAll reads every stack that was deployed into home, by name.
func LoadAll(home string) ([]Stack, error) {
	files, err := filepath.Glob(stackFile(home, "*"))
	if err != nil {
		return nil, err
	}
	var stacks []Stack
	for _, file := range files {
		s, found, err := Load(home, strings.TrimSuffix(filepath.Base(file), ".json"))
		if err != nil {
			return stacks, err
		}
		if found {
			stacks = append(stacks, s)
		}
	}
	return stacks, nil
}

// save replaces the file in one step, since the engine reads it any time.
func (s Stack) save(home string) error {
	data, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	file := stackFile(home, s.Name)
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(file+".new", append(data, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(file+".new", file)
}

// template is the part of a CloudFormation template that buckets and
// delivery are made from.
type template struct {
	Resources map[string]struct {
		Type       string
		Properties json.RawMessage
	}
}

// bucketProperties are those of AWS::S3::Bucket that the object store has,
// too.
type bucketProperties struct {
	VersioningConfiguration   struct{ Status string }
	NotificationConfiguration struct {
		EventBridgeConfiguration *struct{ EventBridgeEnabled *bool }
	}
	CorsConfiguration struct {
		CorsRules []struct {
			AllowedHeaders, AllowedMethods, AllowedOrigins, ExposedHeaders []string
			MaxAge                                                         *int32
		}
	}
}

// buckets reads the template's buckets; names are those that the deploy
// gave them, by logical id.
func (t template) buckets(names map[string]string) ([]objectstore.Bucket, error) {
	var buckets []objectstore.Bucket
	for _, id := range slices.Sorted(maps.Keys(t.Resources)) {
		if t.Resources[id].Type != "AWS::S3::Bucket" {
			continue
		}
		var p bucketProperties
		if len(t.Resources[id].Properties) > 0 {
			if err := json.Unmarshal(t.Resources[id].Properties, &p); err != nil {
				return nil, fmt.Errorf("bucket %s in the template: %w", id, err)
			}
		}
		if names[id] == "" {
			return nil, fmt.Errorf("bucket %s has no name after the deploy", id)
		}
		buckets = append(buckets, p.bucket(names[id]))
	}
	return buckets, nil
}

func (p bucketProperties) bucket(name string) objectstore.Bucket {
	b := objectstore.Bucket{Name: name, Versioned: p.VersioningConfiguration.Status == "Enabled"}
	if events := p.NotificationConfiguration.EventBridgeConfiguration; events != nil {
		b.Announced = events.EventBridgeEnabled == nil || *events.EventBridgeEnabled
	}
	for _, r := range p.CorsConfiguration.CorsRules {
		b.CORS = append(b.CORS, types.CORSRule{
			AllowedHeaders: r.AllowedHeaders, AllowedMethods: r.AllowedMethods,
			AllowedOrigins: r.AllowedOrigins, ExposeHeaders: r.ExposedHeaders, MaxAgeSeconds: r.MaxAge,
		})
	}
	return b
}

// items is CloudFront's way to write a list.
type items struct{ Items []string }

// headersPolicy are the properties of AWS::CloudFront::ResponseHeadersPolicy.
type headersPolicy struct {
	ResponseHeadersPolicyConfig struct {
		CorsConfig struct {
			AccessControlAllowOrigins, AccessControlAllowMethods  items
			AccessControlAllowHeaders, AccessControlExposeHeaders items
			AccessControlMaxAgeSec                                int
		}
		SecurityHeadersConfig struct {
			ContentTypeOptions    *struct{}
			ContentSecurityPolicy *struct{ ContentSecurityPolicy string }
			FrameOptions          *struct{ FrameOption string }
			ReferrerPolicy        *struct{ ReferrerPolicy string }
			// Strict-Transport-Security is left out: there is no TLS here.
		}
		CustomHeadersConfig struct {
			Items []struct{ Header, Value string }
		}
	}
}

// api finds the stack's HTTP API among the names that the deploy gave.
func (t template) api(names map[string]string) string {
	for _, id := range slices.Sorted(maps.Keys(t.Resources)) {
		if t.Resources[id].Type == "AWS::ApiGatewayV2::Api" {
			return names[id]
		}
	}
	return ""
}

// origin reads what the distribution adds to its answers.
func (t template) origin(bucket string) (delivery.Origin, error) {
	o := delivery.Origin{Bucket: bucket, Headers: map[string]string{}}
	for _, id := range slices.Sorted(maps.Keys(t.Resources)) {
		if t.Resources[id].Type != "AWS::CloudFront::ResponseHeadersPolicy" {
			continue
		}
		var p headersPolicy
		if err := json.Unmarshal(t.Resources[id].Properties, &p); err != nil {
			return o, fmt.Errorf("headers policy %s in the template: %w", id, err)
		}
		p.apply(&o)
	}
	return o, nil
}

func (p headersPolicy) apply(o *delivery.Origin) {
	c := p.ResponseHeadersPolicyConfig
	o.CORS = delivery.CORS{
		Origins: c.CorsConfig.AccessControlAllowOrigins.Items, Methods: c.CorsConfig.AccessControlAllowMethods.Items,
		AllowHeaders:  c.CorsConfig.AccessControlAllowHeaders.Items,
		ExposeHeaders: c.CorsConfig.AccessControlExposeHeaders.Items, MaxAge: c.CorsConfig.AccessControlMaxAgeSec,
	}
	security := c.SecurityHeadersConfig
	if security.ContentTypeOptions != nil {
		o.Headers["X-Content-Type-Options"] = "nosniff"
	}
	if security.ContentSecurityPolicy != nil {
		o.Headers["Content-Security-Policy"] = security.ContentSecurityPolicy.ContentSecurityPolicy
	}
	if security.FrameOptions != nil {
		o.Headers["X-Frame-Options"] = security.FrameOptions.FrameOption
	}
	if security.ReferrerPolicy != nil {
		o.Headers["Referrer-Policy"] = security.ReferrerPolicy.ReferrerPolicy
	}
	for _, h := range c.CustomHeadersConfig.Items {
		o.Headers[h.Header] = h.Value
	}
}

// names maps logical to physical ids.
func names[R any](resources []R, ids func(R) (logical, physical *string)) map[string]string {
	found := map[string]string{}
	for _, r := range resources {
		logical, physical := ids(r)
		found[aws.ToString(logical)] = aws.ToString(physical)
	}
	return found
}
