"""A certificate in whatever form it travels: pictures, paper, wallet tokens, a folder, a page that checks it."""
