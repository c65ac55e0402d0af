CREATE TABLE "question_comments" (
	"id" text PRIMARY KEY NOT NULL,
	"question_id" text NOT NULL,
	"text" text NOT NULL,
	"person_id" text NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "question_places" (
	"id" text PRIMARY KEY NOT NULL,
	"question_id" text NOT NULL,
	"slide_id" text NOT NULL,
	"box" jsonb NOT NULL,
	"place_key" text NOT NULL,
	"layer_id" text,
	"annotation_id" text,
	"round_id" text,
	"dispute_key" text,
	"task_id" text,
	"reason" text,
	"note" text DEFAULT '' NOT NULL,
	"added_by" text NOT NULL,
	"added_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "guideline_questions" (
	"id" text PRIMARY KEY NOT NULL,
	"project_id" text NOT NULL,
	"title" text NOT NULL,
	"class_id" text,
	"other_class_id" text,
	"state" text DEFAULT 'open' NOT NULL,
	"answer" text DEFAULT '' NOT NULL,
	"draft_class_id" text,
	"published_in" integer,
	"revision" integer DEFAULT 1 NOT NULL,
	"asked_by" text NOT NULL,
	"asked_at" timestamp with time zone DEFAULT now() NOT NULL,
	"settled_by" text,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "question_comments" ADD CONSTRAINT "question_comments_question_id_guideline_questions_id_fk" FOREIGN KEY ("question_id") REFERENCES "public"."guideline_questions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "question_comments" ADD CONSTRAINT "question_comments_person_id_people_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "question_places" ADD CONSTRAINT "question_places_question_id_guideline_questions_id_fk" FOREIGN KEY ("question_id") REFERENCES "public"."guideline_questions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "question_places" ADD CONSTRAINT "question_places_slide_id_slides_id_fk" FOREIGN KEY ("slide_id") REFERENCES "public"."slides"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "question_places" ADD CONSTRAINT "question_places_layer_id_layers_id_fk" FOREIGN KEY ("layer_id") REFERENCES "public"."layers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "question_places" ADD CONSTRAINT "question_places_round_id_rounds_id_fk" FOREIGN KEY ("round_id") REFERENCES "public"."rounds"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "question_places" ADD CONSTRAINT "question_places_added_by_people_id_fk" FOREIGN KEY ("added_by") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "guideline_questions" ADD CONSTRAINT "guideline_questions_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "guideline_questions" ADD CONSTRAINT "guideline_questions_asked_by_people_id_fk" FOREIGN KEY ("asked_by") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "guideline_questions" ADD CONSTRAINT "guideline_questions_settled_by_people_id_fk" FOREIGN KEY ("settled_by") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "question_comments_question" ON "question_comments" USING btree ("question_id");--> statement-breakpoint
CREATE UNIQUE INDEX "question_places_key" ON "question_places" USING btree ("question_id","place_key");--> statement-breakpoint
CREATE INDEX "questions_project" ON "guideline_questions" USING btree ("project_id","state");