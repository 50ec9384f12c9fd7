// Types alone: `import '@mediasoup-booth/widget/react'` teaches TypeScript the elements in JSX.
export {};
