//go:build !race

package vodstack

import (
	"regexp"
	"strings"
	"testing"
)

// TestCloudFrontLogsWhereItMay evaluates the template's own condition. The
// regions are those of botocore's endpoints.json; the first list is what an
// account has from the start.
func TestCloudFrontLogsWhereItMay(t *testing.T) {
	open := strings.Fields(`us-east-1 us-east-2 us-west-1 us-west-2 ca-central-1 sa-east-1 eu-central-1 eu-north-1 eu-west-1 eu-west-2 eu-west-3
		ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-southeast-1 ap-southeast-2`)
	optIn := strings.Fields(`af-south-1 ap-east-1 ap-east-2 ap-south-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6 ap-southeast-7
		ca-west-1 eu-central-2 eu-south-1 eu-south-2 il-central-1 me-central-1 me-south-1 mx-central-1`)
	for name, shape := range shapes {
		tpl := with(t, shape).template
		choice := list(at(tpl.the(t, "Distribution").Properties, "DistributionConfig/Logging/Fn::If"))
		if len(choice) != 3 {
			t.Fatalf("%s: logging isn't a choice: %s", name, asJSON(choice))
		}
		if short(at(choice[1], "Bucket")) != "AccessLogsBucket" || at(choice[1], "Prefix") != "cloudfront/" || asJSON(choice[2]) != `{"Ref":"AWS::NoValue"}` {
			t.Errorf("%s: logging is %s", name, asJSON(choice))
		}
		condition := tpl.Conditions[choice[0].(string)]
		for _, region := range open {
			if !evaluate(t, tpl, condition, map[string]string{"AWS::Region": region, "AWS::Partition": "aws"}) {
				t.Errorf("%s: CloudFront doesn't log in %s", name, region)
			}
		}
		for _, region := range optIn {
			if evaluate(t, tpl, condition, map[string]string{"AWS::Region": region, "AWS::Partition": "aws"}) {
				t.Errorf("%s: CloudFront is told to log in %s, and refuses", name, region)
			}
		}
	}
}

// TestATemplateInAnotherPartitionIsRefused: what FindInMap doesn't find ends a
// deploy before it begins.
func TestATemplateInAnotherPartitionIsRefused(t *testing.T) {
	tpl := with(t, byDefault).template
	if len(tpl.Mappings["OnlyInPartition"]) != 1 || tpl.Mappings["OnlyInPartition"]["aws"]["Works"] == nil {
		t.Errorf("the mapping is %s", asJSON(tpl.Mappings))
	}
	if !strings.Contains(asJSON(tpl.Conditions), `{"Fn::FindInMap":["OnlyInPartition",{"Ref":"AWS::Partition"},"Works"]}`) {
		t.Errorf("no condition looks into the mapping: %s", asJSON(tpl.Conditions))
	}
}

func TestTheTemplateNamesNoPartition(t *testing.T) {
	ofTheUser := regexp.MustCompile(`arn:aws:(acm:us-east-1|mediaconvert:eu-west-1):123456789012:`)
	for name, shape := range shapes {
		text := ofTheUser.ReplaceAllString(asJSON(with(t, shape).template.Resources), "")
		if i := strings.Index(text, "arn:aws"); i >= 0 {
			t.Errorf("%s: …%s…", name, text[max(0, i-100):i+100])
		}
	}
}

// evaluate does what CloudFormation does with a condition.
func evaluate(t *testing.T, tpl template, condition any, facts map[string]string) bool {
	t.Helper()
	if parts, ok := at(condition, "Fn::And").([]any); ok {
		all := true
		for _, part := range parts {
			all = evaluate(t, tpl, part, facts) && all
		}
		return all
	}
	if parts, ok := at(condition, "Fn::Or").([]any); ok {
		if len(parts) < 2 || len(parts) > 10 {
			t.Errorf("Fn::Or of %d conditions; 2 to 10 are allowed", len(parts))
		}
		some := false
		for _, part := range parts {
			some = evaluate(t, tpl, part, facts) || some
		}
		return some
	}
	sides, ok := at(condition, "Fn::Equals").([]any)
	if !ok || len(sides) != 2 {
		t.Fatalf("cannot evaluate %s", asJSON(condition))
	}
	return valueOf(t, tpl, sides[0], facts) == valueOf(t, tpl, sides[1], facts)
}

func valueOf(t *testing.T, tpl template, v any, facts map[string]string) string {
	t.Helper()
	if s, ok := v.(string); ok {
		return s
	}
	if name, ok := at(v, "Ref").(string); ok && facts[name] != "" {
		return facts[name]
	}
	if path, ok := at(v, "Fn::FindInMap").([]any); ok && len(path) == 3 {
		found, _ := tpl.Mappings[path[0].(string)][valueOf(t, tpl, path[1], facts)][path[2].(string)].(string)
		return found
	}
	t.Fatalf("cannot evaluate %s", asJSON(v))
	return ""
}
