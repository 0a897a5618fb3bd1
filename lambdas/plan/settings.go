package main

import (
	"time"

	"github.com/vodstack/vodstack/internal/encoding"
	"github.com/vodstack/vodstack/internal/step"
)

type settings struct {
	StackName         string           `env:"STACK_NAME,notEmpty"`
	SourceBucket      string           `env:"SOURCE_BUCKET,notEmpty"`
	DestinationBucket string           `env:"DESTINATION_BUCKET,notEmpty"`
	TableName         string           `env:"TABLE_NAME,notEmpty"`
	VideoTableName    string           `env:"VIDEO_TABLE_NAME,notEmpty"`
	TopicARN          string           `env:"TOPIC_ARN,notEmpty"`
	DeliveryHost      string           `env:"DELIVERY_HOST,notEmpty"`
	Options           encoding.Options `env:"ENCODING_OPTIONS,notEmpty"`
	RoleARN           string           `env:"MEDIACONVERT_ROLE_ARN,notEmpty"`
	QueueARN          string           `env:"MEDIACONVERT_QUEUE_ARN"`
	MaxMinutes        int              `env:"MAX_DURATION_MINUTES,notEmpty"`
	MaxPixels         int              `env:"MAX_PIXELS,notEmpty"`
}

func (s settings) stack() step.Stack {
	return step.Stack{
		Name:              s.StackName,
		SourceBucket:      s.SourceBucket,
		DestinationBucket: s.DestinationBucket,
		DeliveryHost:      s.DeliveryHost,
		RoleARN:           s.RoleARN,
		QueueARN:          s.QueueARN,
		Options:           s.Options,
		MaxDuration:       time.Duration(s.MaxMinutes) * time.Minute,
		MaxPixels:         s.MaxPixels,
	}
}
