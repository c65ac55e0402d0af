CREATE TABLE "task_answers" (
	"id" text PRIMARY KEY NOT NULL,
	"task_id" text NOT NULL,
	"annotation_id" text NOT NULL,
	"person_id" text NOT NULL,
	"verdict" text NOT NULL,
	"class_id" text,
	"note" text DEFAULT '' NOT NULL,
	"judgement_id" text,
	"former_record" "bytea",
	"former_hash" text NOT NULL,
	"after_hash" text,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"undone_at" timestamp with time zone
);
--> statement-breakpoint
ALTER TABLE "task_answers" ADD CONSTRAINT "task_answers_task_id_tasks_id_fk" FOREIGN KEY ("task_id") REFERENCES "public"."tasks"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "task_answers" ADD CONSTRAINT "task_answers_person_id_people_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "task_answers_task" ON "task_answers" USING btree ("task_id");--> statement-breakpoint
CREATE INDEX "task_answers_annotation" ON "task_answers" USING btree ("annotation_id");