CREATE TABLE "qualification_answers" (
	"attempt_id" text NOT NULL,
	"item_id" text NOT NULL,
	"class_id" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	CONSTRAINT "qualification_answers_attempt_id_item_id_pk" PRIMARY KEY("attempt_id","item_id")
);
--> statement-breakpoint
CREATE TABLE "qualification_attempts" (
	"id" text PRIMARY KEY NOT NULL,
	"project_id" text NOT NULL,
	"task_id" text NOT NULL,
	"person_id" text NOT NULL,
	"class_id" text NOT NULL,
	"version" integer NOT NULL,
	"items" jsonb NOT NULL,
	"least" double precision NOT NULL,
	"started_at" timestamp with time zone NOT NULL,
	"finished_at" timestamp with time zone,
	"right_answers" integer,
	"passed" boolean
);
--> statement-breakpoint
CREATE TABLE "reference_items" (
	"id" text PRIMARY KEY NOT NULL,
	"project_id" text NOT NULL,
	"slide_id" text NOT NULL,
	"class_id" text NOT NULL,
	"under" integer NOT NULL,
	"min_x" double precision NOT NULL,
	"min_y" double precision NOT NULL,
	"max_x" double precision NOT NULL,
	"max_y" double precision NOT NULL,
	"outline" jsonb,
	"created_by" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"removed_at" timestamp with time zone
);
--> statement-breakpoint
ALTER TABLE "qualification_answers" ADD CONSTRAINT "qualification_answers_attempt_id_qualification_attempts_id_fk" FOREIGN KEY ("attempt_id") REFERENCES "public"."qualification_attempts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "qualification_attempts" ADD CONSTRAINT "qualification_attempts_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "qualification_attempts" ADD CONSTRAINT "qualification_attempts_task_id_tasks_id_fk" FOREIGN KEY ("task_id") REFERENCES "public"."tasks"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "qualification_attempts" ADD CONSTRAINT "qualification_attempts_person_id_people_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reference_items" ADD CONSTRAINT "reference_items_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reference_items" ADD CONSTRAINT "reference_items_slide_id_slides_id_fk" FOREIGN KEY ("slide_id") REFERENCES "public"."slides"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reference_items" ADD CONSTRAINT "reference_items_created_by_people_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "qualification_attempts_project" ON "qualification_attempts" USING btree ("project_id");--> statement-breakpoint
CREATE UNIQUE INDEX "qualification_attempts_open" ON "qualification_attempts" USING btree ("task_id") WHERE "qualification_attempts"."finished_at" is null;--> statement-breakpoint
CREATE INDEX "reference_items_project" ON "reference_items" USING btree ("project_id");