package config

import (
	"strings"
	"testing"
)

// The regions are those of botocore's endpoints.json.
func TestOnlyTheCommercialPartitionIsDeployedTo(t *testing.T) {
	for _, region := range []string{"", "af-south-1", "ap-east-2", "ap-southeast-7", "ca-west-1", "eu-central-1", "eu-south-2", "il-central-1", "me-central-1", "mx-central-1", "sa-east-1", "us-east-1", "us-west-2"} {
		if err := CheckRegion(region); err != nil {
			t.Errorf("%s: %v", region, err)
		}
	}
	for region, partition := range map[string]string{
		"cn-north-1": "aws-cn", "cn-northwest-1": "aws-cn", "us-gov-east-1": "aws-us-gov", "us-gov-west-1": "aws-us-gov",
		"us-iso-east-1": "aws-iso", "us-isob-east-1": "aws-iso", "us-isof-south-1": "aws-iso", "eu-isoe-west-1": "aws-iso-e", "eusc-de-east-1": "aws-eusc",
	} {
		err := CheckRegion(region)
		if err == nil || !strings.Contains(err.Error(), region+" is in partition "+partition+", where this stack cannot work") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", region, err)
		}
	}
}
