"""A choreography saga in three processes: what sagad is compared with."""
