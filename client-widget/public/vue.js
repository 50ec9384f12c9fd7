// Types alone: `import '@mediasoup-booth/widget/vue'` teaches TypeScript the elements in templates.
export {};
