// Command empty is a Lambda function that does nothing: the yardstick for
// what a call costs by itself.
package main

import "github.com/aws/aws-lambda-go/lambda"

func main() { lambda.Start(func() error { return nil }) }
