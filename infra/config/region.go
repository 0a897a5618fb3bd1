package config

import (
	"fmt"
	"strings"
)

// elsewhere are the partitions of AWS beside the commercial one, by what the
// names of their regions begin with, and why the stack cannot work there.
var elsewhere = []struct{ prefix, partition, why string }{
	// "Amazon CloudFront" in Getting Started with AWS services in China.
	{"cn-", "aws-cn", "CloudFront delivers nothing from a distribution's own domain there"},
	// "Services in AWS GovCloud (US) Regions": CloudFront isn't one of them.
	{"us-gov-", "aws-us-gov", "there is no CloudFront"},
	{"us-iso", "aws-iso", "there is no CloudFront"},
	{"eu-iso", "aws-iso-e", "there is no CloudFront"},
	{"eusc-", "aws-eusc", "there is no MediaConvert"},
}

// CheckRegion refuses regions of other partitions than AWS's commercial one.
// An empty region is one that synthesis isn't told.
func CheckRegion(region string) error {
	for _, p := range elsewhere {
		if strings.HasPrefix(region, p.prefix) {
			return fmt.Errorf("region %s is in partition %s, where this stack cannot work: %s; use a region of partition aws, such as eu-central-1", region, p.partition, p.why)
		}
	}
	return nil
}
