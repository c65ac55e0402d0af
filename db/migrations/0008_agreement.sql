CREATE TABLE "agreement_results" (
	"key" text PRIMARY KEY NOT NULL,
	"project_id" text NOT NULL,
	"result" json NOT NULL,
	"computed_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "dispute_places" (
	"person_id" text NOT NULL,
	"round_id" text NOT NULL,
	"slide_id" text NOT NULL,
	"dispute_key" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	CONSTRAINT "dispute_places_person_id_round_id_slide_id_pk" PRIMARY KEY("person_id","round_id","slide_id")
);
--> statement-breakpoint
ALTER TABLE "consensus_results" ADD COLUMN "decided_of" text;--> statement-breakpoint
ALTER TABLE "agreement_results" ADD CONSTRAINT "agreement_results_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dispute_places" ADD CONSTRAINT "dispute_places_person_id_people_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dispute_places" ADD CONSTRAINT "dispute_places_round_id_rounds_id_fk" FOREIGN KEY ("round_id") REFERENCES "public"."rounds"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dispute_places" ADD CONSTRAINT "dispute_places_slide_id_slides_id_fk" FOREIGN KEY ("slide_id") REFERENCES "public"."slides"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "agreement_project" ON "agreement_results" USING btree ("project_id","computed_at");--> statement-breakpoint
CREATE INDEX "consensus_decided" ON "consensus_results" USING btree ("decided_of");