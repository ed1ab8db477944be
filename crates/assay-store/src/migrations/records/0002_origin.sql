-- Where a passage stands in the original, for formats without pages: JSON.
ALTER TABLE passage ADD COLUMN origin TEXT;
