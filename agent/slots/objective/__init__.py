"""What makes one time better than another: `penalties` are the preferences as starts and points, `ranking`
adds them up along the time line."""
