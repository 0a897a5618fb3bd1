//go:build !race

package vodstack

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

func TestOnlyTheDistributionReadsTheDestinationBucket(t *testing.T) {
	tpl := with(t, byDefault).template
	var readers int
	for _, id := range tpl.ofType("AWS::S3::BucketPolicy") {
		for _, s := range policyOf(tpl, id) {
			if at(s, "Effect") != "Allow" || !refersTo(at(s, "Resource"), "DestinationBucket") {
				continue
			}
			readers++
			source := short(at(s, "Condition/StringEquals/AWS:SourceArn"))
			if at(s, "Action") != "s3:GetObject" || at(s, "Principal/Service") != "cloudfront.amazonaws.com" || !strings.HasSuffix(source, ":distribution/Distribution") {
				t.Errorf("%s allows %s", id, asJSON(s))
			}
		}
	}
	if readers != 1 {
		t.Errorf("%d statements let someone read, want 1", readers)
	}
	origin := at(tpl.the(t, "Distribution").Properties, "DistributionConfig/Origins/0")
	if !strings.HasPrefix(short(at(origin, "OriginAccessControlId")), "OriginAccess") {
		t.Errorf("requests to the bucket aren't signed: %s", asJSON(origin))
	}
}

func TestErrorsAreForgottenInSecondsAndStreamsKeptForAYear(t *testing.T) {
	tpl := with(t, byDefault).template
	config := at(tpl.the(t, "Distribution").Properties, "DistributionConfig")
	var seen []float64
	for _, e := range at(config, "CustomErrorResponses").([]any) {
		seen = append(seen, at(e, "ErrorCode").(float64))
		if at(e, "ErrorCachingMinTTL") != 5.0 {
			t.Errorf("error %v is kept %v s", at(e, "ErrorCode"), at(e, "ErrorCachingMinTTL"))
		}
	}
	for _, code := range []float64{403, 404, 500, 502, 503, 504} {
		if !slices.Contains(seen, code) {
			t.Errorf("error %v is kept for CloudFront's ten seconds or more", code)
		}
	}
	for _, id := range tpl.ofType("AWS::CloudFront::CachePolicy") {
		if got := at(tpl.Resources[id].Properties, "CachePolicyConfig/DefaultTTL"); got != 31536000.0 {
			t.Errorf("streams are kept %v s", got)
		}
	}
	if at(config, "DefaultCacheBehavior/FunctionAssociations/0/EventType") != "viewer-response" {
		t.Error("browsers aren't told to keep streams")
	}
}

func TestBrowsersKeepAStreamForAYearUnlessTheObjectSaysOtherwise(t *testing.T) {
	script := cacheForever + `
const cases = [{}, {'cache-control': {value: 'no-store'}}];
console.log(cases.map(headers => handler({response: {headers}}).headers['cache-control'].value).join('|'));`
	out, err := exec.Command("node", "-e", script).CombinedOutput()
	if want := "public, max-age=31536000, immutable|no-store\n"; err != nil || string(out) != want {
		t.Errorf("got %q (%v), want %q", out, err, want)
	}
}

func TestPagesOfTheConfiguredOriginsMayPlay(t *testing.T) {
	tpl := with(t, full).template
	const origins = `["https://app.example.com"]`
	for _, id := range []string{"SourceBucket", "DestinationBucket"} {
		if got := asJSON(at(tpl.the(t, id).Properties, "CorsConfiguration/CorsRules/0/AllowedOrigins")); got != origins {
			t.Errorf("%s allows %s, want %s", id, got, origins)
		}
	}
	for _, id := range tpl.ofType("AWS::CloudFront::ResponseHeadersPolicy") {
		config := at(tpl.Resources[id].Properties, "ResponseHeadersPolicyConfig")
		if got := asJSON(at(config, "CorsConfig/AccessControlAllowOrigins/Items")); got != origins {
			t.Errorf("%s allows %s, want %s", id, got, origins)
		}
		for _, header := range []string{"StrictTransportSecurity", "ContentTypeOptions", "FrameOptions", "ReferrerPolicy"} {
			if at(config, "SecurityHeadersConfig/"+header) == nil {
				t.Errorf("%s has no %s", id, header)
			}
		}
	}
}

func TestADomainOfOnesOwnSpeaksTLS12AtLeast(t *testing.T) {
	config := at(with(t, full).template.the(t, "Distribution").Properties, "DistributionConfig")
	if got := asJSON(at(config, "Aliases")); got != `["media.example.com"]` {
		t.Errorf("aliases are %s", got)
	}
	if got := at(config, "ViewerCertificate/MinimumProtocolVersion"); got != "TLSv1.2_2021" {
		t.Errorf("speaks %v", got)
	}
	if at(with(t, byDefault).template.the(t, "Distribution").Properties, "DistributionConfig/Aliases") != nil {
		t.Error("a stack without a domain has an alias")
	}
}

func TestNamesOfCloudFrontDifferFromRegionToRegion(t *testing.T) {
	tpl := with(t, byDefault).template
	for path, kind := range map[string]string{
		"CachePolicyConfig/Name":           "AWS::CloudFront::CachePolicy",
		"ResponseHeadersPolicyConfig/Name": "AWS::CloudFront::ResponseHeadersPolicy",
		"OriginAccessControlConfig/Name":   "AWS::CloudFront::OriginAccessControl",
		"Name":                             "AWS::CloudFront::Function",
	} {
		for _, id := range tpl.ofType(kind) {
			name := asJSON(at(tpl.Resources[id].Properties, path))
			if !strings.Contains(name, "AWS::Region") && !strings.Contains(name, "AWS::StackId") {
				t.Errorf("%s would be called %s in every region", id, name)
			}
		}
	}
}
