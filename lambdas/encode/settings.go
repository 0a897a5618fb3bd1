package main

type settings struct {
	TableName             string `env:"TABLE_NAME,notEmpty"`
	RunningJobTableName   string `env:"RUNNING_JOB_TABLE_NAME,notEmpty"`
	EncodeDeadlineMinutes uint32 `env:"ENCODE_DEADLINE_MINUTES,notEmpty"`
	QueueDeadlineMinutes  uint32 `env:"QUEUE_DEADLINE_MINUTES,notEmpty"`
}
