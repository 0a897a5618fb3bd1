package main

type settings struct {
	SourceBucket      string `env:"SOURCE_BUCKET,notEmpty"`
	DestinationBucket string `env:"DESTINATION_BUCKET,notEmpty"`
	TableName         string `env:"TABLE_NAME,notEmpty"`
	TopicARN          string `env:"TOPIC_ARN,notEmpty"`
	QueueURL          string `env:"QUEUE_URL,notEmpty"`
	DeliveryBase      string `env:"DELIVERY_BASE,notEmpty"`
}
