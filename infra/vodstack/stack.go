// Package vodstack is what is deployed: one stack, a file per block.
package vodstack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/vodstack/vodstack/infra/config"
)

// New puts the whole stack into scope. The functions' binaries are taken
// from assets, a folder that has one folder per function.
//
// Read downwards, it is a video's way: into the source bucket, through the
// pipeline, out of the destination bucket; then what applications build on;
// then what tells people about it.
func New(scope constructs.Construct, cfg config.Config, assets string) (awscdk.Stack, error) {
	stack := awscdk.NewStack(scope, new(cfg.StackName), &awscdk.StackProps{
		StackName:             new(cfg.StackName),
		Description:           new("Video on demand: upload a video, get back an adaptive stream"),
		TerminationProtection: new(cfg.Retain),
	})
	store := newStorage(stack, cfg)
	table := newTracking(stack, cfg)
	running := newRunningJobs(stack, cfg)
	videos := newVideos(stack, cfg)
	news := newNotifications(stack, cfg)
	cdn := newDelivery(stack, cfg, store)
	encoder := newEncoder(stack, cfg, store)

	run, err := newFunctions(stack, cfg, assets)
	if err != nil {
		return nil, err
	}
	pipeline, err := newPipeline(stack, cfg, run)
	if err != nil {
		return nil, err
	}
	queues := newIntegration(stack, cfg, news, run)
	made := resources{store, table, running, videos, news, queues, cdn, encoder, pipeline}
	run.wire(made)
	feeds := newFeeds(stack, cfg, store, pipeline, queues, run)
	rest := newAPI(stack, cfg, run.api)

	watch := newAlarms(stack, cfg, made, run, feeds, rest)
	newDashboard(stack, made, run, rest, watch)
	newOutputs(stack, cfg, made, rest)
	return stack, nil
}
