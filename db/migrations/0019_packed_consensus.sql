-- Results are a cache of what is in the layers: they are computed again when somebody asks.
DELETE FROM "consensus_results";--> statement-breakpoint
ALTER TABLE "consensus_results" ADD COLUMN "summary" "bytea" NOT NULL;--> statement-breakpoint
ALTER TABLE "consensus_results" ADD COLUMN "disputes" "bytea" NOT NULL;--> statement-breakpoint
ALTER TABLE "consensus_results" ADD COLUMN "shapes" "bytea" NOT NULL;--> statement-breakpoint
ALTER TABLE "consensus_results" ADD COLUMN "entropy" "bytea" NOT NULL;--> statement-breakpoint
ALTER TABLE "consensus_results" DROP COLUMN "result";