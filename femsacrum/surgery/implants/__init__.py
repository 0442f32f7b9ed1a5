"""What stands between the bones: prosthesis, its plates and seats, a designer's file, grafts and struts."""
