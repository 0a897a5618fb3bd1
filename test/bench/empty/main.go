// Command empty is a Lambda function that does nothing but tell when it ran, in
// microseconds since 1970: the yardstick for what a call costs by itself.
package main

import (
	"time"

	"github.com/aws/aws-lambda-go/lambda"
)

func main() {
	lambda.Start(func() (int64, error) { return time.Now().UnixMicro(), nil })
}
